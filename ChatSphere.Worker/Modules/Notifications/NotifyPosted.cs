using ChatSphere.Data.Communities;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Notifications;

internal sealed class NotifyPosted(InboxWriter inbox) : IHandle<MessagePosted>
{
    public Task HandleAsync(MessagePosted happened, CancellationToken cancellationToken) => inbox.AddAsync(happened.MessageId, cancellationToken);
}
