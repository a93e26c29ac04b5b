using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Notifications;

public static class InboxQueries
{
    /// <summary>
    /// An account's entries about messages that are still there, in channels that it may read now. <paramref name="inSight"/> as <see cref="ChannelsInSight"/> found them. Whom one of the two
    /// blocks is not heard of.
    /// </summary>
    public static IQueryable<Notification> InboxOf(this ChatSphereDb db, Guid accountId, IReadOnlyCollection<Guid> inSight) => db.Notifications.Where(n =>
        n.AccountId == accountId && inSight.Contains(n.RightsChannelId)
        && db.ChannelMessages.Any(m => m.Id == n.MessageId && m.DeletedAt == null) && db.Channels.Any(c => c.Id == n.ChannelId && c.DeletedAt == null)
        && !db.Blocks.Any(b => (b.BlockerId == accountId && b.BlockedId == n.ActorId) || (b.BlockedId == accountId && b.BlockerId == n.ActorId)));

    /// <summary>Neither seen in the inbox nor read where it stands. A reaction is to something that one has written, so reading the channel says nothing about it.</summary>
    public static IQueryable<Notification> Unread(this IQueryable<Notification> notifications, ChatSphereDb db) => notifications.Where(n =>
        n.ReadAt == null && (n.Kind == NotificationKind.Reaction || !db.ReadStates.Any(r => r.AccountId == n.AccountId && r.ChannelId == n.ChannelId && r.LastReadSeq >= n.Seq)));
}
