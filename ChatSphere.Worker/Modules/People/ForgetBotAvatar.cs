using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.People;

/// <summary>Removes the file of a bot's picture, unless something else has the same bytes.</summary>
public sealed class ForgetBotAvatar(ChatSphereDb db, BlobStore blobs) : IHandle<BotAvatarReleased>
{
    public async Task HandleAsync(BotAvatarReleased happened, CancellationToken cancellationToken)
    {
        await db.LockBlobAsync(happened.Sha256, cancellationToken);
        if (!await db.IsBlobUsedAsync(happened.Sha256, cancellationToken))
        {
            try
            {
                blobs.Delete(happened.Sha256);
            }
            catch (DirectoryNotFoundException)
            {
                // A second delivery.
            }
        }
    }
}
