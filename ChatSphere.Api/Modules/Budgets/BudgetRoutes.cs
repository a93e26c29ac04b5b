using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using BudgetPeriod = ChatSphere.Data.Budgets.BudgetPeriod;
using BudgetScope = ChatSphere.Data.Budgets.BudgetScope;

namespace ChatSphere.Api.Modules.Budgets;

/// <summary>Limits, of one's own, of a bot of one's own, and of everybody.</summary>
internal static class BudgetRoutes
{
    private const int MaxListed = 1_000;

    public static async Task<Ok<BudgetResponse>> MineAsync(CurrentUser user, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(await ResponseAsync(db, BudgetScope.Account, user.AccountId, null, costs, time, cancellationToken));

    public static async Task<Results<Ok<BudgetResponse>, ProblemHttpResult>> OfBotAsync(
        Guid botId, CurrentUser user, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        var bot = await db.Bots.AsNoTracking().OwnedBy(user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken);
        return bot is null ? await Refusals.OfBotAsync(db, botId, user, cancellationToken) : TypedResults.Ok(await ResponseAsync(db, BudgetScope.Bot, botId, bot.Model, costs, time, cancellationToken));
    }

    public static async Task<Results<Ok<BudgetResponse>, ProblemHttpResult>> SetOfBotAsync(
        Guid botId, BudgetLimits limits, CurrentUser user, ChatSphereDb db, AuditTrail audit, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        var bot = await db.Bots.AsNoTracking().OwnedBy(user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken);
        if (bot is null)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        await SetAsync(db, BudgetScope.Bot, botId, limits, audit, time, cancellationToken);
        return TypedResults.Ok(await ResponseAsync(db, BudgetScope.Bot, botId, bot.Model, costs, time, cancellationToken));
    }

    public static async Task<Ok<BudgetsResponse>> ListAsync(ChatSphereDb db, ModelCosts costs, CancellationToken cancellationToken)
    {
        var rows = await db.Budgets.AsNoTracking().Where(b => b.Scope == BudgetScope.Account).OrderByDescending(b => b.UpdatedAt).Take((MaxListed * 2) + 2).ToListAsync(cancellationToken);
        var ids = rows.Select(b => b.ScopeId).Distinct().ToList();
        var names = await db.Users.Where(a => ids.Contains(a.Id)).Select(a => new { a.Id, a.DisplayName }).ToDictionaryAsync(a => a.Id, a => a.DisplayName, cancellationToken);
        return TypedResults.Ok(new BudgetsResponse(
            ToLimits(rows.Where(b => b.ScopeId == Budget.Everybody)), costs.Currency,
            [.. rows.Where(b => names.ContainsKey(b.ScopeId)).GroupBy(b => b.ScopeId).Select(g => new AccountBudgetResponse(g.Key, names[g.Key], ToLimits(g), g.Max(b => b.UpdatedAt)))])
        {
            Groups = await OfGroupsAsync(db, cancellationToken),
        });
    }

    public static async Task<Ok<BudgetsResponse>> SetDefaultAsync(BudgetLimits limits, ChatSphereDb db, AuditTrail audit, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        await SetAsync(db, BudgetScope.Account, Budget.Everybody, limits, audit, time, cancellationToken);
        return await ListAsync(db, costs, cancellationToken);
    }

    public static async Task<Results<Ok<BudgetResponse>, ProblemHttpResult>> OfAccountAsync(Guid accountId, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken) =>
        await db.Users.AnyAsync(a => a.Id == accountId, cancellationToken)
            ? TypedResults.Ok(await ResponseAsync(db, BudgetScope.Account, accountId, null, costs, time, cancellationToken))
            : Problems.NotFound();

    public static async Task<Results<Ok<BudgetResponse>, ProblemHttpResult>> SetOfAccountAsync(
        Guid accountId, BudgetLimits limits, ChatSphereDb db, AuditTrail audit, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (accountId == Budget.Everybody || !await db.Users.AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        await SetAsync(db, BudgetScope.Account, accountId, limits, audit, time, cancellationToken);
        return TypedResults.Ok(await ResponseAsync(db, BudgetScope.Account, accountId, null, costs, time, cancellationToken));
    }

    public static Task<Results<NoContent, ProblemHttpResult>> RemoveOfAccountAsync(Guid accountId, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken) =>
        RemoveAsync(db, BudgetScope.Account, accountId, audit, cancellationToken);

    public static async Task<Results<Ok<BudgetResponse>, ProblemHttpResult>> OfGroupAsync(Guid groupId, ChatSphereDb db, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken) =>
        await db.Groups.AnyAsync(g => g.Id == groupId, cancellationToken)
            ? TypedResults.Ok(await ResponseAsync(db, BudgetScope.Group, groupId, null, costs, time, cancellationToken))
            : Problems.NotFound();

    public static async Task<Results<Ok<BudgetResponse>, ProblemHttpResult>> SetOfGroupAsync(
        Guid groupId, BudgetLimits limits, ChatSphereDb db, AuditTrail audit, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Groups.AnyAsync(g => g.Id == groupId, cancellationToken))
        {
            return Problems.NotFound();
        }

        await SetAsync(db, BudgetScope.Group, groupId, limits, audit, time, cancellationToken);
        return TypedResults.Ok(await ResponseAsync(db, BudgetScope.Group, groupId, null, costs, time, cancellationToken));
    }

    public static Task<Results<NoContent, ProblemHttpResult>> RemoveOfGroupAsync(Guid groupId, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken) =>
        RemoveAsync(db, BudgetScope.Group, groupId, audit, cancellationToken);

    private static async Task<List<GroupBudgetResponse>> OfGroupsAsync(ChatSphereDb db, CancellationToken cancellationToken)
    {
        var rows = await db.Budgets.AsNoTracking().Where(b => b.Scope == BudgetScope.Group)
            .Join(db.Groups, b => b.ScopeId, g => g.Id, (b, g) => new { Budget = b, g.Name }).OrderBy(x => x.Name).ThenBy(x => x.Budget.ScopeId).Take(MaxListed * 2).ToListAsync(cancellationToken);
        return [.. rows.GroupBy(x => (x.Budget.ScopeId, x.Name)).Select(g => new GroupBudgetResponse(g.Key.ScopeId, g.Key.Name, ToLimits(g.Select(x => x.Budget)), g.Max(x => x.Budget.UpdatedAt)))];
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(ChatSphereDb db, BudgetScope scope, Guid scopeId, AuditTrail audit, CancellationToken cancellationToken)
    {
        var rows = await db.Budgets.Of(scope, scopeId).ToListAsync(cancellationToken);
        if (scopeId == Budget.Everybody || rows.Count == 0)
        {
            return Problems.NotFound();
        }

        db.Budgets.RemoveRange(rows);
        audit.Record(AuditActions.BudgetChanged, KindOf(scope), scopeId, new { from = ToLimits(rows), to = (BudgetLimits?)null });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Taken away by another request at the same moment.
        }

        return TypedResults.NoContent();
    }

    private static async Task SetAsync(ChatSphereDb db, BudgetScope scope, Guid scopeId, BudgetLimits limits, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = ToLimits(await db.Budgets.AsNoTracking().Of(scope, scopeId).ToListAsync(cancellationToken));
            await db.SetBudgetAsync(
                scope, scopeId,
                new Dictionary<BudgetPeriod, (long?, decimal?)> { [BudgetPeriod.Day] = (limits.TokensPerDay, limits.MoneyPerDay), [BudgetPeriod.Month] = (limits.TokensPerMonth, limits.MoneyPerMonth) },
                time.GetUtcNow(), cancellationToken);
            audit.Record(AuditActions.BudgetChanged, KindOf(scope), scopeId == Budget.Everybody ? null : scopeId, new { from = before, to = limits });
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return;
            }
            catch (DbUpdateException e) when (attempt < 3 && (e is DbUpdateConcurrencyException || e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }))
            {
                // Somebody else set it for the first time, or took it away, at the same moment: the later one stands.
                db.ChangeTracker.Clear();
            }
        }
    }

    private static string KindOf(BudgetScope scope) => scope.ToString().ToLowerInvariant();

    private static BudgetLimits ToLimits(IEnumerable<Budget> rows)
    {
        var by = rows.ToDictionary(b => b.Period);
        var (day, month) = (by.GetValueOrDefault(BudgetPeriod.Day), by.GetValueOrDefault(BudgetPeriod.Month));
        return new(day?.Tokens, month?.Tokens, day?.Money, month?.Money);
    }

    private static async Task<BudgetResponse> ResponseAsync(ChatSphereDb db, BudgetScope scope, Guid id, string? model, ModelCosts costs, TimeProvider time, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var budget = await db.BudgetOfAsync(scope, id, today, cancellationToken);
        return new(ToLimits(budget.Limits.Values), budget.IsDefault, costs.Currency, costs.IsPriced(model), [Period(BudgetPeriod.Day), Period(BudgetPeriod.Month)]);

        BudgetPeriodResponse Period(BudgetPeriod period)
        {
            var starts = BudgetPeriods.StartOf(period, today);
            var (limit, spent) = (budget.Limits.GetValueOrDefault(period), budget.Counters.GetValueOrDefault(period));
            return new(
                Enum.Parse<Contracts.Budgets.BudgetPeriod>(period.ToString()), new(starts, TimeOnly.MinValue, TimeSpan.Zero), BudgetPeriods.EndOf(period, starts),
                Amount(spent?.SpentTokens ?? 0, spent?.ReservedTokens ?? 0, limit?.Tokens), Amount(spent?.SpentMoney ?? 0, spent?.ReservedMoney ?? 0, limit?.Money));
        }
    }

    private static BudgetAmount Amount(decimal spent, decimal reserved, decimal? limit) => new(spent, reserved, limit, limit is null ? null : Math.Max(0, limit.Value - spent - reserved));
}
