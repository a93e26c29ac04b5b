using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;
using ChatSphere.Worker.Modules.Knowledge;

namespace ChatSphere.Worker.Modules.Live;

internal sealed class TellDocumentCancelled(IDocumentProgress progress) : IHandle<DocumentCancelled>
{
    public Task HandleAsync(DocumentCancelled happened, CancellationToken cancellationToken) => progress.ChangedAsync(happened.DocumentId, cancellationToken);
}
