using ChatSphere.Data;
using ChatSphere.Data.Files;
using ChatSphere.Data.People;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.People;

/// <summary>Removes a picture's file, unless another profile or a document has the same bytes.</summary>
public sealed class ForgetAvatar(ChatSphereDb db, BlobStore blobs) : IHandle<AvatarReleased>
{
    public Task HandleAsync(AvatarReleased happened, CancellationToken cancellationToken) => blobs.RemoveIfUnusedAsync(db, happened.Sha256, cancellationToken);
}
