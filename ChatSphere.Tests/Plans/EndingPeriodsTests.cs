using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Tests.Plans;

/// <summary>The Worker's part on a database of its own, several Workers at once.</summary>
public sealed class EndingPeriodsTests(KnowledgeDatabase database)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_workers_at_once_end_each_period_once()
    {
        var now = TimeProvider.System.GetUtcNow();
        var team = new Guid("01990000-0000-7000-8000-000000000103");
        var free = new Guid("01990000-0000-7000-8000-000000000101");
        var accounts = Enumerable.Range(0, 25).Select(_ => Account.Create($"{Guid.NewGuid():n}@example.com", "Somebody", now)).ToList();
        await database.ChangeAsync(async db =>
        {
            db.Users.AddRange(accounts);
            await db.SaveChangesAsync(Stop);
            db.Subscriptions.AddRange(accounts.Select(a => new Subscription { AccountId = a.Id, PlanId = team, PeriodEnd = now.AddMinutes(-1), PendingPlanId = free, UpdatedAt = now }));
        });
        var workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await database.ProcessAsync(b => b.AddPlans())));
        var sweeps = workers.Select(w => ActivatorUtilities.CreateInstance<ApplyDueSubscriptions>(w.Services)).ToList();
        var changed = await Task.WhenAll(sweeps.Concat(sweeps).Select(s => s.SweepAsync(Stop)));
        Assert.Equal(accounts.Count, changed.Sum());
        var ids = accounts.Select(a => a.Id).ToList();
        await database.ChangeAsync(async db =>
        {
            Assert.Equal(accounts.Count, await db.Subscriptions.CountAsync(s => ids.Contains(s.AccountId) && s.PlanId == free && s.PeriodEnd == null && s.PendingPlanId == null, Stop));
            Assert.Equal(accounts.Count, await db.AuditEvents.CountAsync(e => e.Action == AuditActions.SubscriptionChanged && ids.Contains(e.TargetId!.Value), Stop));
        });
        foreach (var worker in workers)
        {
            worker.Dispose();
        }
    }

    [Fact]
    public async Task A_message_is_counted_with_what_is_saved_and_given_back_when_it_cost_nothing()
    {
        using var process = await database.ProcessAsync(b => b.AddUsageGate());
        var account = Guid.CreateVersion7();
        await InScopeAsync(async (gate, _) =>
        {
            await using var room = await gate.ForMessageAsync(account, "any", Stop);
            Assert.Null(room.Refusal);
        });
        Assert.Equal(0, await UsedAsync());
        await InScopeAsync(async (gate, _) =>
        {
            await using var room = await gate.ForMessageAsync(account, null, Stop);
            await room.KeepAsync(Stop);
        });
        Assert.Equal(1, await UsedAsync());
        var now = TimeProvider.System.GetUtcNow();
        await InScopeAsync((gate, _) => gate.GiveBackMessageAsync(account, now, Stop));
        await InScopeAsync((gate, _) => gate.GiveBackMessageAsync(account, now, Stop));
        Assert.Equal(0, await UsedAsync());

        async Task InScopeAsync(Func<IUsageGate, ChatSphereDb, Task> act)
        {
            await using var scope = process.Services.CreateAsyncScope();
            await act(scope.ServiceProvider.GetRequiredService<IUsageGate>(), scope.ServiceProvider.GetRequiredService<ChatSphereDb>());
        }

        async Task<long> UsedAsync()
        {
            await using var scope = process.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().MessagesOf(account, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), Stop);
        }
    }
}
