using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>That something was done to a server stays with the server; who did it, to whom, and what was written about them goes.</summary>
public sealed class ServerLogPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "server-log";

    public IReadOnlyList<Type> Owns => [typeof(ServerLogEntry)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) => writer.WriteAsync(
        "acts",
        db.ServerLog.AsNoTracking().Where(e => e.ActorId == accountId || (e.Target == ServerLogTarget.Member && e.TargetId == accountId)).OrderBy(e => e.Id)
            .Select(e => new { e.ServerId, e.At, e.Action, MyAct = e.ActorId == accountId, e.Reason }).AsAsyncEnumerable(),
        cancellationToken);

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.ServerLog.Where(e => e.Target == ServerLogTarget.Member && e.TargetId == accountId)
            .ExecuteUpdateAsync(e => e.SetProperty(x => x.TargetId, (Guid?)null).SetProperty(x => x.Reason, "").SetProperty(x => x.Details, (string?)null), cancellationToken);
        await db.ServerLog.Where(e => e.ActorId == accountId).ExecuteUpdateAsync(e => e.SetProperty(x => x.ActorId, (Guid?)null).SetProperty(x => x.Reason, ""), cancellationToken);
    }
}
