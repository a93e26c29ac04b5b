using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Files;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Communities;

/// <summary>Removes the file of a server's picture, unless something else has the same bytes.</summary>
public sealed class ForgetServerIcon(ChatSphereDb db, BlobStore blobs) : IHandle<ServerIconReleased>
{
    public Task HandleAsync(ServerIconReleased happened, CancellationToken cancellationToken) => blobs.RemoveIfUnusedAsync(db, happened.Sha256, cancellationToken);
}
