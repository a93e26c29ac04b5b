using ChatSphere.Data;
using ChatSphere.Data.Files;
using ChatSphere.Data.People;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.People;

/// <summary>Removes a picture's file, unless another profile or a document has the same bytes.</summary>
public sealed class ForgetAvatar(ChatSphereDb db, BlobStore blobs) : IHandle<AvatarReleased>
{
    public async Task HandleAsync(AvatarReleased happened, CancellationToken cancellationToken)
    {
        // Whoever sends the same bytes takes this lock before the file is put in its place.
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
