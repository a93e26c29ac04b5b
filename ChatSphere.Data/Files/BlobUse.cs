using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Files;

public static class BlobUse
{
    /// <summary>Whether anything still has these bytes. Under <see cref="BlobLock.LockBlobAsync"/>.</summary>
    public static async Task<bool> IsBlobUsedAsync(this ChatSphereDb db, string sha256, CancellationToken cancellationToken) =>
        await db.Documents.AnyAsync(d => d.Sha256 == sha256, cancellationToken)
        || await db.Profiles.AnyAsync(p => p.AvatarSha256 == sha256, cancellationToken)
        || await db.ConversationImports.AnyAsync(i => i.Sha256 == sha256 && (i.State == Conversations.ImportState.Queued || i.State == Conversations.ImportState.Running), cancellationToken)
        || await db.Bots.AnyAsync(b => b.AvatarSha256 == sha256, cancellationToken)
        || await db.Servers.AnyAsync(s => s.IconSha256 == sha256, cancellationToken)
        || await db.ChannelAttachments.AnyAsync(a => a.Sha256 == sha256, cancellationToken)
        || await db.ServerEmoji.AnyAsync(e => e.Sha256 == sha256, cancellationToken)
        || await db.Attachments.AnyAsync(a => a.Sha256 == sha256, cancellationToken);

    /// <summary>Removes the file unless something has it. May be called again.</summary>
    public static async Task RemoveIfUnusedAsync(this BlobStore blobs, ChatSphereDb db, string sha256, CancellationToken cancellationToken)
    {
        // An upload of the same bytes takes this lock before it decides that the file is there.
        await db.LockBlobAsync(sha256, cancellationToken);
        if (await db.IsBlobUsedAsync(sha256, cancellationToken))
        {
            return;
        }

        try
        {
            blobs.Delete(sha256);
        }
        catch (DirectoryNotFoundException)
        {
            // A second delivery.
        }
    }
}
