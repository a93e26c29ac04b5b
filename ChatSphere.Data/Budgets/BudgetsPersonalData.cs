using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Budgets;

/// <summary>Entries stay without the account's id: what was spent on models was spent, and owners of bots count on it.</summary>
public sealed class BudgetsPersonalData(ChatSphereDb db, TimeProvider time) : IPersonalData
{
    public string Section => "budgets";

    public IReadOnlyList<Type> Owns { get; } = [typeof(Budget), typeof(BudgetCounter), typeof(BudgetReservation), typeof(UsageEntry)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("budgets", db.Budgets.AsNoTracking().Where(b => b.Scope == BudgetScope.Account && b.ScopeId == accountId)
            .Select(b => new { b.Period, b.Tokens, b.Money, b.UpdatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("usage", db.UsageEntries.AsNoTracking().Where(e => e.AccountId == accountId).OrderBy(e => e.At)
            .Select(e => new { e.At, e.Kind, e.BotId, e.Model, e.InputTokens, e.OutputTokens, e.Cost, e.Currency, e.Estimated }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var budgets = new SharedBudgets(db, time);
        await db.Budgets.Where(b => b.Scope == BudgetScope.Account && b.ScopeId == accountId).ExecuteDeleteAsync(cancellationToken);

        // Bots' counters hold some of it.
        foreach (var id in await db.BudgetReservations.Where(r => r.AccountId == accountId).Select(r => r.Id).ToListAsync(cancellationToken))
        {
            await budgets.SettleAsync(id, null, cancellationToken);
        }

        await db.BudgetCounters.Where(c => c.Scope == BudgetScope.Account && c.ScopeId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.UsageEntries.Where(e => e.AccountId == accountId).ExecuteUpdateAsync(e => e.SetProperty(x => x.AccountId, (Guid?)null), cancellationToken);
    }
}
