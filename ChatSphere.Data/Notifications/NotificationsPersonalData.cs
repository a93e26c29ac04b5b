using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Notifications;

/// <summary>
/// Mails to the person: which and when; their text and address are forgotten when they are sent. The inbox, and what the person wants to hear of. Entries in other inboxes say
/// who did something: those go with the person.
/// </summary>
public sealed class NotificationsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "notifications";

    public IReadOnlyList<Type> Owns => [typeof(OutgoingMail), typeof(Notification), typeof(NotificationPreferences), typeof(PlacePreference)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("mails", db.OutgoingMails.AsNoTracking().Where(m => m.AccountId == accountId).OrderBy(m => m.Id).Select(m => new { m.Kind, m.CreatedAt, m.SentAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "inbox", db.Notifications.AsNoTracking().Where(n => n.AccountId == accountId).OrderBy(n => n.Id).Select(n => new { n.Kind, n.ServerId, n.ChannelId, n.MessageId, n.CreatedAt, n.ReadAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("preferences", db.NotificationPreferences.AsNoTracking().Where(p => p.AccountId == accountId).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "places", db.PlacePreferences.AsNoTracking().Where(p => p.AccountId == accountId).OrderBy(p => p.PlaceId).Select(p => new { p.PlaceId, p.Level, p.MutedUntil }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.OutgoingMails.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Notifications.Where(n => n.AccountId == accountId || n.ActorId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.NotificationPreferences.Where(p => p.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.PlacePreferences.Where(p => p.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
    }
}
