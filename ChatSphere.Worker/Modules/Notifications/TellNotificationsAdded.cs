using System.Text.Json;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Notifications;
using ChatSphere.Messaging;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>Tells the screens of those who have a new entry. Each node looks at the rights once more.</summary>
internal sealed class TellNotificationsAdded(ChatSphereDb db, CommunityFeed feed) : IHandle<NotificationsAdded>
{
    public async Task HandleAsync(NotificationsAdded happened, CancellationToken cancellationToken)
    {
        var added = await db.Notifications.AsNoTracking().Where(n => n.MessageId == happened.MessageId).Unread(db).Select(n => new { n.AccountId, n.RightsChannelId }).ToListAsync(cancellationToken);
        if (added.Count > 0)
        {
            feed.Publish(new CommunityEvent
            {
                Type = LiveEventTypes.NotificationAdded,
                ServerId = happened.ServerId,
                ChannelId = happened.ChannelId,
                RightsChannelId = happened.ServerId is null ? null : added[0].RightsChannelId,
                Accounts = [.. added.Select(n => n.AccountId).Distinct()],
                Data = JsonSerializer.Serialize(new NotificationAddedEvent(happened.MessageId, happened.ChannelId, happened.ServerId), JsonSerializerOptions.Web),
            });
        }
    }
}
