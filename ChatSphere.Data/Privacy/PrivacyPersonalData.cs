using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Privacy;

/// <summary>
/// Consents, exports and own settings go. What proves that the deployment did its duty stays, with ids only: that the account was erased, when, who asked; that it was under
/// a hold; who published a text or set a rule.
/// </summary>
public sealed class PrivacyPersonalData(ChatSphereDb db, ExportFiles files) : IPersonalData
{
    public string Section => "privacy";

    public IReadOnlyList<Type> Owns =>
        [typeof(Policy), typeof(Consent), typeof(DataExport), typeof(Erasure), typeof(PurgeEntry), typeof(LegalHold), typeof(RetentionRule), typeof(BotRetentionRule), typeof(OwnRetention)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("consents", db.Consents.AsNoTracking().Where(c => c.AccountId == accountId).OrderBy(c => c.Id)
            .Join(db.Policies, c => c.PolicyId, p => p.Id, (c, p) => new { p.Kind, p.Version, p.Title, c.Given, c.At }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("settings", db.OwnRetentions.AsNoTracking().Where(r => r.AccountId == accountId).Select(r => new { r.DeleteConversationsAfterDays }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("exports", db.DataExports.AsNoTracking().Where(e => e.AccountId == accountId).OrderBy(e => e.Id).Select(e => new { e.Id, e.CreatedAt, e.Size }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.Consents.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.OwnRetentions.Where(r => r.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);

        // The rows first: an export that is about to be finished waits for this or finds its row gone, and removes its file.
        var exports = await db.DataExports.Where(e => e.AccountId == accountId).Select(e => e.Id).ToListAsync(cancellationToken);
        await db.DataExports.Where(e => exports.Contains(e.Id)).ExecuteDeleteAsync(cancellationToken);
        exports.ForEach(files.Delete);
    }
}
