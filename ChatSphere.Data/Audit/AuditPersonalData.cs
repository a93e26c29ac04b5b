using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Audit;

/// <summary>
/// What one did oneself is exported. Nothing is erased: events carry ids and no names, the chain would break, and what protects others (GDPR article 17(3)(b) and (e)) stays;
/// once the account is gone, its id leads to nobody.
/// </summary>
public sealed class AuditPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "audit";

    public IReadOnlyList<Type> Owns => [typeof(AuditEvent)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            "security-events",
            db.AuditEvents.AsNoTracking().Where(e => e.ActorId == accountId || e.TargetId == accountId).OrderBy(e => e.Id)
                .Select(e => new { e.At, e.Action, ByMe = e.ActorId == accountId, Network = e.ActorId == accountId ? e.Network : null }).AsAsyncEnumerable(),
            cancellationToken);

    public Task EraseAsync(Guid accountId, CancellationToken cancellationToken) => Task.CompletedTask;
}
