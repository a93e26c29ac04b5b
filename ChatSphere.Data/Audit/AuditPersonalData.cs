using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Audit;

/// <summary>
/// Nothing is erased. An audit log from which entries can be taken is none, and it holds no names, addresses or texts: only ids, which lead to a tombstone once the account
/// is erased. That it stays is for security and for legal claims (GDPR art. 6(1)(f), 17(3)(e)).
/// </summary>
public sealed class AuditPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "audit";

    public IReadOnlyList<Type> Owns => [typeof(AuditEvent)];

    // What the person did. What others did to the account is theirs too, and its reasons are others' words.
    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync("acts", db.AuditEvents.AsNoTracking().Where(e => e.ActorId == accountId).OrderBy(e => e.Id).Select(e => new { e.At, e.Action, e.Network, e.TargetKind, e.TargetId }).AsAsyncEnumerable(), cancellationToken);

    public Task EraseAsync(Guid accountId, CancellationToken cancellationToken) => Task.CompletedTask;
}
