using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Notifications;

/// <summary>Which mails went out and when. What was in them is forgotten once they are sent, so there is no more to export.</summary>
public sealed class NotificationsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "notifications";

    public IReadOnlyList<Type> Owns => [typeof(OutgoingMail)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync("mails", db.OutgoingMails.AsNoTracking().Where(m => m.AccountId == accountId).OrderBy(m => m.Id).Select(m => new { m.Kind, m.CreatedAt, m.SentAt }).AsAsyncEnumerable(), cancellationToken);

    /// <summary>A mail that waits is not sent any more.</summary>
    public Task EraseAsync(Guid accountId, CancellationToken cancellationToken) => db.OutgoingMails.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
}
