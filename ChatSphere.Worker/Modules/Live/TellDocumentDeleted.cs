using ChatSphere.Contracts.Live;
using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;
using ChatSphere.Messaging.Live;

namespace ChatSphere.Worker.Modules.Live;

internal sealed class TellDocumentDeleted(LiveFeed live) : IHandle<DocumentDeleted>
{
    public Task HandleAsync(DocumentDeleted happened, CancellationToken cancellationToken)
    {
        live.Publish(happened.UploadedBy, LiveEventTypes.DocumentDeleted, new LiveReference(happened.DocumentId, happened.BotId));
        return Task.CompletedTask;
    }
}
