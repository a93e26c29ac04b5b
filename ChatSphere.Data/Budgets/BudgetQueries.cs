using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Budgets;

/// <param name="IsDefault">It is what holds for everybody.</param>
public sealed record BudgetInEffect(IReadOnlyDictionary<BudgetPeriod, Budget> Limits, bool IsDefault, IReadOnlyDictionary<BudgetPeriod, BudgetCounter> Counters);

public static class BudgetQueries
{
    /// <summary>The rows of one scope: none, or one a period.</summary>
    public static IQueryable<Budget> Of(this IQueryable<Budget> budgets, BudgetScope scope, Guid scopeId) => budgets.Where(b => b.Scope == scope && b.ScopeId == scopeId);

    /// <summary>The limits that hold for an account or bot today, and what was spent.</summary>
    public static async Task<BudgetInEffect> BudgetOfAsync(this ChatSphereDb db, BudgetScope scope, Guid scopeId, DateOnly today, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var rows = await db.Budgets.AsNoTracking().Where(b => b.Scope == scope && (b.ScopeId == scopeId || (b.ScopeId == Budget.Everybody && scope == BudgetScope.Account))).ToListAsync(cancellationToken);
        var month = BudgetPeriods.StartOf(BudgetPeriod.Month, today);
        var counters = await db.BudgetCounters.AsNoTracking()
            .Where(c => c.Scope == scope && c.ScopeId == scopeId && ((c.Period == BudgetPeriod.Day && c.Starts == today) || (c.Period == BudgetPeriod.Month && c.Starts == month))).ToListAsync(cancellationToken);
        var limits = rows.GroupBy(b => b.Period).ToDictionary(g => g.Key, g => g.OrderBy(b => b.ScopeId == Budget.Everybody).First());
        return new(limits, limits.Values.All(b => b.ScopeId == Budget.Everybody) && scope == BudgetScope.Account, counters.ToDictionary(c => c.Period));
    }

    /// <summary>
    /// Puts these limits in place of those that there are. Both periods get a row, so that a limit that is not set is none, whatever the default says. The caller saves.
    /// </summary>
    public static async Task SetBudgetAsync(
        this ChatSphereDb db, BudgetScope scope, Guid scopeId, IReadOnlyDictionary<BudgetPeriod, (long? Tokens, decimal? Money)> limits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(limits);
        var rows = await db.Budgets.Of(scope, scopeId).ToDictionaryAsync(b => b.Period, cancellationToken);
        foreach (var (period, (tokens, money)) in limits)
        {
            if (!rows.TryGetValue(period, out var row))
            {
                db.Budgets.Add(row = new Budget { Scope = scope, ScopeId = scopeId, Period = period, UpdatedAt = now });
            }

            (row.Tokens, row.Money, row.UpdatedAt) = (tokens, money, now);
        }
    }
}
