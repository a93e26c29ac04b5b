using ChatSphere.Data;
using ChatSphere.Data.Budgets;
using ChatSphere.Tests.Chat;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Budgets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Budgets;

/// <summary>The ledger on a database of its own, asked by several processes at once.</summary>
public sealed class SpendingWithinBudgetsTests(KnowledgeDatabase database)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private readonly Guid _account = Guid.CreateVersion7();
    private readonly Guid _bot = Guid.CreateVersion7();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_at_once_on_two_nodes_never_spend_more_than_the_limit_and_leave_nothing_reserved()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 10_000);
        await LimitAsync(BudgetScope.Bot, _bot, money: 0.5m, period: BudgetPeriod.Month);
        using var one = await NodeAsync();
        using var other = await NodeAsync();
        var refused = 0;
        var most = (Tokens: 0L, Money: 0m);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var node = i % 2 == 0 ? one : other;
            var claim = Claim(inputTokens: 300, outputTokens: 200, money: 0.01m);
            if (await AskAsync(node, b => b.ReserveAsync(claim, Stop)) is { } refusal)
            {
                Interlocked.Increment(ref refused);
                Assert.True(refusal.Spent + claim.Tokens > refusal.Limit);
                return;
            }

            var counter = await CounterAsync(BudgetScope.Account, _account, BudgetPeriod.Day);
            lock (this)
            {
                most = (Math.Max(most.Tokens, counter!.SpentTokens + counter.ReservedTokens), Math.Max(most.Money, counter.SpentMoney + counter.ReservedMoney));
            }

            Assert.True(await AskAsync(node, b => b.SettleAsync(claim.Id, Spent(250, 100, 0.005m), Stop)));
        }));
        var account = (await CounterAsync(BudgetScope.Account, _account, BudgetPeriod.Day))!;
        var bot = (await CounterAsync(BudgetScope.Bot, _bot, BudgetPeriod.Month))!;
        var answered = 100 - refused;
        Assert.True(most.Tokens <= 10_000, $"{most.Tokens} tokens were spent and reserved at once.");
        Assert.InRange(answered, 10_000 / 500, 10_000 / 350);
        Assert.Equal((answered * 350L, 0L, answered * 0.005m, 0m), (account.SpentTokens, account.ReservedTokens, account.SpentMoney, account.ReservedMoney));
        Assert.Equal((answered * 350L, 0L, answered * 0.005m, 0m), (bot.SpentTokens, bot.ReservedTokens, bot.SpentMoney, bot.ReservedMoney));
        Assert.Equal(0, await database.CountAsync($"select count(*) from ai.budget_reservations where account_id = '{_account}'"));
        Assert.Equal(answered, await database.CountAsync($"select count(*) from ai.usage_entries where account_id = '{_account}' and input_tokens = 250 and output_tokens = 100"));
    }

    [Fact]
    public async Task Accounts_and_bots_that_cross_each_other_do_not_lock_each_other_out()
    {
        var bots = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToList();
        var accounts = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in bots)
        {
            await LimitAsync(BudgetScope.Bot, id, tokens: 1_000_000);
            await LimitAsync(BudgetScope.Bot, id, tokens: 1_000_000, period: BudgetPeriod.Month);
        }

        foreach (var id in accounts)
        {
            await LimitAsync(BudgetScope.Account, id, tokens: 1_000_000);
        }

        using var one = await NodeAsync();
        using var other = await NodeAsync();
        await Task.WhenAll(Enumerable.Range(0, 96).Select(async i =>
        {
            var claim = Claim(10, 10) with { AccountId = accounts[i % 4], BotId = bots[i / 4 % 4] };
            Assert.Null(await AskAsync(i % 2 == 0 ? one : other, b => b.ReserveAsync(claim, Stop)));
            Assert.True(await AskAsync(i % 2 == 0 ? other : one, b => b.SettleAsync(claim.Id, Spent(10, 10, null), Stop)));
        }));
        foreach (var id in bots)
        {
            Assert.Equal((24 * 20L, 0L), await TokensAsync(BudgetScope.Bot, id, BudgetPeriod.Month));
        }
    }

    [Fact]
    public async Task What_an_answer_uses_beyond_its_estimate_is_counted_and_what_it_left_is_given_back()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 1_000);
        using var node = await NodeAsync();
        var modest = Claim(400, 400);
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(modest, Stop)));
        Assert.Equal((0L, 800L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
        Assert.NotNull(await AskAsync(node, b => b.ReserveAsync(Claim(201, 0), Stop)));
        Assert.True(await AskAsync(node, b => b.SettleAsync(modest.Id, Spent(100, 50, null), Stop)));
        Assert.Equal((150L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));

        var greedy = Claim(400, 400);
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(greedy, Stop)));
        Assert.True(await AskAsync(node, b => b.SettleAsync(greedy.Id, Spent(900, 400, null), Stop)));
        Assert.Equal((1_450L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
        var refusal = await AskAsync(node, b => b.ReserveAsync(Claim(1, 0), Stop));
        Assert.Equal((BudgetScope.Account, BudgetPeriod.Day, false, 1_000m, 1_450m, false), (refusal!.Scope, refusal.Period, refusal.InMoney, refusal.Limit, refusal.Spent, refusal.NeverFits));
        Assert.Equal(new DateTimeOffset(Today.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero), refusal.Resets);
    }

    [Fact]
    public async Task A_failed_answer_costs_nothing_and_an_answer_is_settled_once_whoever_tries()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 500);
        using var one = await NodeAsync();
        using var other = await NodeAsync();
        var failed = Claim(300, 200);
        Assert.Null(await AskAsync(one, b => b.ReserveAsync(failed, Stop)));
        Assert.True(await AskAsync(one, b => b.SettleAsync(failed.Id, null, Stop)));
        Assert.Equal((0L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
        Assert.Equal(0, await database.CountAsync($"select count(*) from ai.usage_entries where account_id = '{_account}'"));

        var claim = Claim(300, 200);
        Assert.Null(await AskAsync(one, b => b.ReserveAsync(claim, Stop)));
        var settled = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => AskAsync(i % 2 == 0 ? one : other, b => b.SettleAsync(claim.Id, Spent(200, 100, null), Stop))));
        Assert.Equal(1, settled.Count(s => s));
        Assert.Equal((300L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
        Assert.Equal(1, await database.CountAsync($"select count(*) from ai.usage_entries where account_id = '{_account}'"));
    }

    [Fact]
    public async Task A_transaction_that_is_not_committed_has_reserved_nothing()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 500);
        using var node = await NodeAsync();
        await using (var scope = node.Services.CreateAsyncScope())
        {
            await using var transaction = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Database.BeginTransactionAsync(Stop);
            var budgets = scope.ServiceProvider.GetRequiredService<IBudgets>();
            Assert.Null(await budgets.ReserveAsync(Claim(200, 200), Stop));
            Assert.NotNull(await budgets.ReserveAsync(Claim(200, 200), Stop));
        }

        Assert.Null(await AskAsync(node, b => b.ReserveAsync(Claim(250, 250), Stop)));
    }

    [Fact]
    public async Task A_month_ends_at_midnight_of_UTC_and_what_began_before_counts_before()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 1_000, period: BudgetPeriod.Month);
        var time = new ManualTime();
        using var node = await NodeAsync(time);
        time.Advance(new DateTimeOffset(2026, 11, 30, 23, 59, 50, TimeSpan.Zero) - time.GetUtcNow());
        var late = Claim(500, 400);
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(late, Stop)));
        var refusal = await AskAsync(node, b => b.ReserveAsync(Claim(500, 400), Stop));
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), refusal!.Resets);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(Claim(500, 400), Stop)));
        Assert.True(await AskAsync(node, b => b.SettleAsync(late.Id, Spent(500, 300, null), Stop)));
        Assert.Equal((800L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Month, new(2026, 11, 1)));
        Assert.Equal((0L, 900L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Month, new(2026, 12, 1)));
        Assert.Equal((800L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day, new(2026, 11, 30)));
    }

    [Theory]
    [InlineData(0, 0, 0, false)]
    [InlineData(1, 0, 0, true)]
    [InlineData(long.MaxValue / 4, long.MaxValue / 4, 0, true)]
    [InlineData(100_000_000, 10_000_000, 999_999_999, true)]
    public async Task Numbers_at_the_edges_are_refused_or_free_and_never_break_it(long input, long output, double money, bool refused)
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 0, money: 0);
        using var node = await NodeAsync();
        var refusal = await AskAsync(node, b => b.ReserveAsync(Claim(input, output, (decimal)money), Stop));
        Assert.Equal(refused, refusal is not null);
        Assert.Equal(refused, refusal?.NeverFits ?? false);
    }

    [Fact]
    public async Task Negative_numbers_reserve_nothing_and_settle_as_nothing()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 100);
        using var node = await NodeAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AskAsync(node, b => b.ReserveAsync(Claim(-1, 0), Stop)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AskAsync(node, b => b.ReserveAsync(Claim(1, 0, -1), Stop)));
        var claim = Claim(50, 50);
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(claim, Stop)));
        Assert.True(await AskAsync(node, b => b.SettleAsync(claim.Id, Spent(-500, -500, -5), Stop)));
        Assert.Equal((0L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
    }

    [Fact]
    public async Task What_nobody_will_settle_is_freed_after_its_time_by_whichever_worker_comes_first()
    {
        await LimitAsync(BudgetScope.Account, _account, tokens: 1_000);
        using var node = await NodeAsync();
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(Claim(300, 200) with { Lasts = TimeSpan.FromMinutes(-1) }, Stop)));
        var alive = Claim(200, 100);
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(alive, Stop)));
        using var one = await database.ProcessAsync(b => BudgetsModule.AddBudgets(b));
        using var other = await database.ProcessAsync(b => BudgetsModule.AddBudgets(b));
        var sweepers = new[] { one, other }.Select(w => ActivatorUtilities.CreateInstance<KeepBudgets>(w.Services)).ToList();
        var freed = await Task.WhenAll(sweepers.Concat(sweepers).Select(s => s.FreeAbandonedAsync(Stop)));
        Assert.Equal(1, freed.Sum());
        Assert.Equal((0L, 300L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
        Assert.True(await AskAsync(node, b => b.SettleAsync(alive.Id, Spent(200, 50, null), Stop)));
        Assert.Equal((250L, 0L), await TokensAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
    }

    [Fact]
    public async Task Ones_own_row_stands_above_what_holds_for_everybody_also_where_it_sets_no_limit()
    {
        // In a database of its own: the default is everybody's.
        var name = await database.NewDatabaseAsync();
        using var node = await database.ProcessAsync(b => b.AddBudgetLedger(), name);
        await using (var scope = node.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            db.Budgets.Add(new Budget { Scope = BudgetScope.Account, ScopeId = Budget.Everybody, Period = BudgetPeriod.Day, Tokens = 100, UpdatedAt = TimeProvider.System.GetUtcNow() });
            db.Budgets.Add(new Budget { Scope = BudgetScope.Account, ScopeId = _account, Period = BudgetPeriod.Day, Tokens = null, UpdatedAt = TimeProvider.System.GetUtcNow() });
            await db.SaveChangesAsync(Stop);
        }

        Assert.Null(await AskAsync(node, b => b.ReserveAsync(Claim(5_000, 0), Stop)));
        Assert.Equal(BudgetScope.Account, (await AskAsync(node, b => b.ReserveAsync(Claim(5_000, 0) with { AccountId = Guid.CreateVersion7() }, Stop)))!.Scope);
    }

    [Fact]
    public async Task Somebody_who_leaves_takes_the_name_from_the_entries_and_frees_what_bots_hold_for_them()
    {
        await LimitAsync(BudgetScope.Bot, _bot, tokens: 1_000);
        using var node = await NodeAsync();
        var done = Claim(100, 100);
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(done, Stop)));
        Assert.True(await AskAsync(node, b => b.SettleAsync(done.Id, Spent(100, 100, 0.2m), Stop)));
        Assert.Null(await AskAsync(node, b => b.ReserveAsync(Claim(100, 100), Stop)));
        await database.ChangeAsync(db => new BudgetsPersonalData(db, TimeProvider.System).EraseAsync(_account, Stop));
        Assert.Equal((200L, 0L), await TokensAsync(BudgetScope.Bot, _bot, BudgetPeriod.Day));
        Assert.Null(await CounterAsync(BudgetScope.Account, _account, BudgetPeriod.Day));
        Assert.Equal(0, await database.CountAsync($"select count(*) from ai.usage_entries where account_id = '{_account}'"));
        Assert.Equal(1, await database.CountAsync($"select count(*) from ai.usage_entries where bot_id = '{_bot}'"));
    }

    private BudgetClaim Claim(long inputTokens, long outputTokens, decimal money = 0) =>
        new(Guid.CreateVersion7(), SpendingKind.Turn, _account, _bot, "mock", inputTokens, outputTokens, money, TimeSpan.FromMinutes(1));

    private static BudgetSpent Spent(long input, long output, decimal? cost) => new("mock", null, input, output, cost, cost is null ? null : "USD", false);

    private Task<IHost> NodeAsync(TimeProvider? time = null) => database.ProcessAsync(b =>
    {
        b.AddBudgetLedger();
        if (time is not null)
        {
            b.Services.Replace(ServiceDescriptor.Singleton(time));
        }
    });

    private static async Task<T> AskAsync<T>(IHost node, Func<IBudgets, Task<T>> ask)
    {
        await using var scope = node.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<IBudgets>());
    }

    private Task LimitAsync(BudgetScope scope, Guid id, long? tokens = null, decimal? money = null, BudgetPeriod period = BudgetPeriod.Day) => database.ChangeAsync(db =>
    {
        db.Budgets.Add(new Budget { Scope = scope, ScopeId = id, Period = period, Tokens = tokens, Money = money, UpdatedAt = TimeProvider.System.GetUtcNow() });
        return Task.CompletedTask;
    });

    private async Task<BudgetCounter?> CounterAsync(BudgetScope scope, Guid id, BudgetPeriod period, DateOnly? starts = null)
    {
        BudgetCounter? found = null;
        var first = starts ?? BudgetPeriods.StartOf(period, Today);
        await database.ChangeAsync(async db => found = await db.BudgetCounters.AsNoTracking().SingleOrDefaultAsync(c => c.Scope == scope && c.ScopeId == id && c.Period == period && c.Starts == first, Stop));
        return found;
    }

    private async Task<(long Spent, long Reserved)> TokensAsync(BudgetScope scope, Guid id, BudgetPeriod period, DateOnly? starts = null)
    {
        var counter = (await CounterAsync(scope, id, period, starts))!;
        return (counter.SpentTokens, counter.ReservedTokens);
    }
}
