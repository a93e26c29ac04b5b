using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Files;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Communities;

internal sealed class ForgetStoredFile(ChatSphereDb db, BlobStore blobs) : IHandle<StoredFileDropped>
{
    public Task HandleAsync(StoredFileDropped happened, CancellationToken cancellationToken) => blobs.RemoveIfUnusedAsync(db, happened.Sha256, cancellationToken);
}
