using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Live;

/// <summary>
/// The Api tells of a message and of its changes as soon as they are stored. Should it have died in between, or Redis have lost it, this says how far the channel is, and nodes
/// that have not heard ask the database.
/// </summary>
internal sealed class TellChannelAdvanced(ChatSphereDb db, CommunityFeed feed) : IHandle<MessagePosted>, IHandle<MessageEdited>, IHandle<MessageDeleted>, IHandle<MessageChanged>
{
    public Task HandleAsync(MessagePosted happened, CancellationToken cancellationToken) => TellAsync(happened.MessageId, cancellationToken);

    public Task HandleAsync(MessageEdited happened, CancellationToken cancellationToken) => TellAsync(happened.MessageId, cancellationToken);

    public Task HandleAsync(MessageDeleted happened, CancellationToken cancellationToken) => TellAsync(happened.MessageId, cancellationToken);

    public Task HandleAsync(MessageChanged happened, CancellationToken cancellationToken) => TellAsync(happened.MessageId, cancellationToken);

    private async Task TellAsync(Guid messageId, CancellationToken cancellationToken)
    {
        if (await db.ChannelMessages.AsNoTracking().Where(m => m.Id == messageId)
            .Join(db.Channels, m => m.ChannelId, c => c.Id, (m, c) => new { m.Change, c.Id, c.ServerId, c.Kind, c.ParentId }).SingleOrDefaultAsync(cancellationToken) is { } at)
        {
            feed.Publish(new CommunityEvent
            {
                Type = CommunityEvent.Advanced,
                ServerId = at.ServerId,
                ChannelId = at.Id,
                RightsChannelId = at.ServerId is null ? null : at.Kind == ChannelKind.Thread ? at.ParentId : at.Id,
                Change = at.Change,
            });
        }
    }
}
