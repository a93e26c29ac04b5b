using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Files;

public static class BlobUses
{
    /// <summary>Whether anything still points to a blob. Whatever keeps the address of one belongs here, or its file goes with the last of the others. Under <see cref="BlobLock.LockBlobAsync"/>.</summary>
    public static async Task<bool> IsBlobUsedAsync(this ChatSphereDb db, string sha256, CancellationToken cancellationToken) =>
        await db.Documents.AnyAsync(d => d.Sha256 == sha256, cancellationToken)
        || await db.Profiles.AnyAsync(p => p.AvatarSha256 == sha256, cancellationToken)
        || await db.Bots.AnyAsync(b => b.AvatarSha256 == sha256, cancellationToken);
}
