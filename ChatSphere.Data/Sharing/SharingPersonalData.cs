using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Sharing;

public sealed class SharingPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "sharing";

    public IReadOnlyList<Type> Owns => [typeof(Share)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            "shared_with_me",
            db.Shares.AsNoTracking().Where(s => s.GranteeId == accountId).OrderBy(s => s.Id).Select(s => new { s.ResourceKind, s.ResourceId, s.Right, s.CreatedAt }).AsAsyncEnumerable(),
            cancellationToken);
        await writer.WriteAsync(
            "shared_by_me",
            db.Shares.AsNoTracking().Where(s => db.Bots.Any(b => b.Id == s.ResourceId && b.OwnerId == accountId) || db.Prompts.Any(p => p.Id == s.ResourceId && p.OwnerId == accountId)).OrderBy(s => s.Id)
                .Select(s => new { s.ResourceKind, s.ResourceId, s.GranteeKind, s.GranteeId, s.Right, s.CreatedAt }).AsAsyncEnumerable(),
            cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken) =>
        await db.Shares.Where(s => s.GranteeId == accountId || db.Bots.Any(b => b.Id == s.ResourceId && b.OwnerId == accountId) || db.Prompts.Any(p => p.Id == s.ResourceId && p.OwnerId == accountId)).ExecuteDeleteAsync(cancellationToken);
}
