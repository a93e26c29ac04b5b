using ChatSphere.Contracts.Live;
using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;
using ChatSphere.Messaging.Live;

namespace ChatSphere.Worker.Modules.Live;

internal sealed class TellDocumentDeleted(LiveFeed live, DocumentAudience audience) : IHandle<DocumentDeleted>
{
    public async Task HandleAsync(DocumentDeleted happened, CancellationToken cancellationToken)
    {
        foreach (var account in await audience.OfAsync(happened.BotId, cancellationToken))
        {
            live.Publish(account, LiveEventTypes.DocumentDeleted, new LiveReference(happened.DocumentId, happened.BotId));
        }
    }
}
