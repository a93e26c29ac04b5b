using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Notifications;

/// <summary>Mails to the person: which and when. Their text and address are forgotten when they are sent.</summary>
public sealed class NotificationsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "notifications";

    public IReadOnlyList<Type> Owns => [typeof(OutgoingMail)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync("mails", db.OutgoingMails.AsNoTracking().Where(m => m.AccountId == accountId).OrderBy(m => m.Id).Select(m => new { m.Kind, m.CreatedAt, m.SentAt }).AsAsyncEnumerable(), cancellationToken);

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken) =>
        await db.OutgoingMails.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
}
