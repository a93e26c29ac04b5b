using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Bots;

/// <summary>
/// Versions and tests of a person's bots go with the bots. In those of others, which the person changed or tested, the work stays and the name goes: it is those others' product.
/// </summary>
public sealed class BotProductsPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "bot-versions";

    public IReadOnlyList<Type> Owns => [typeof(BotVersion), typeof(GoldenRun)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("versions", db.BotVersions.AsNoTracking().Where(v => v.AuthorId == accountId).OrderBy(v => v.BotId).ThenBy(v => v.Number)
            .Select(v => new { v.BotId, v.Number, v.Settings, v.Note, v.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("golden-questions", db.GoldenQuestions.AsNoTracking().Where(q => db.Bots.Any(b => b.Id == q.BotId && b.OwnerId == accountId && b.DeletedAt == null)).OrderBy(q => q.Id)
            .AsAsyncEnumerable().Select(q => new { q.Id, q.BotId, q.Question, q.Sources, q.All, q.Any, q.Forbidden }), cancellationToken);
        await writer.WriteAsync("golden-runs", db.GoldenRuns.AsNoTracking().Where(r => r.StartedBy == accountId).OrderBy(r => r.Id)
            .Select(r => new { r.Id, r.BotId, r.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var own = db.Bots.Where(b => b.OwnerId == accountId).Select(b => b.Id);
        await db.BotVersions.Where(v => own.Contains(v.BotId)).ExecuteDeleteAsync(cancellationToken);
        await db.GoldenRuns.Where(r => own.Contains(r.BotId)).ExecuteDeleteAsync(cancellationToken);
        await db.GoldenQuestions.Where(q => own.Contains(q.BotId)).ExecuteDeleteAsync(cancellationToken);
        await db.BotVersions.Where(v => v.AuthorId == accountId).ExecuteUpdateAsync(v => v.SetProperty(x => x.AuthorId, (Guid?)null), cancellationToken);
        await db.GoldenRuns.Where(r => r.StartedBy == accountId).ExecuteUpdateAsync(r => r.SetProperty(x => x.StartedBy, (Guid?)null), cancellationToken);
    }
}
