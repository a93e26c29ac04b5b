using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Plans;

/// <summary>
/// Makes true what was to happen when a period ends, and ends what is not paid after the days of grace. Each once, however many Workers look: who comes second finds, under
/// the account's lock, that nothing is due any more.
/// </summary>
public sealed partial class ApplyDueSubscriptions(IServiceScopeFactory scopes, IOptions<PlansOptions> options, TimeProvider time, ILogger<ApplyDueSubscriptions> logger) : BackgroundService
{
    private const int BatchSize = 100;
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeepMessages = TimeSpan.FromDays(30);
    private const int KeepDays = 90;

    /// <summary>How many subscriptions changed.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var changed = 0;
        foreach (var accountId in await DueAsync(cancellationToken))
        {
            changed += await AdvanceAsync(accountId, cancellationToken) ? 1 : 0;
        }

        return changed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, time);
        var pruned = DateTimeOffset.MinValue;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var changed = await SweepAsync(stoppingToken);
                if (changed > 0)
                {
                    LogChanged(logger, changed);
                }

                if (time.GetUtcNow() - pruned >= PruneEvery)
                {
                    await PruneAsync(stoppingToken);
                    pruned = time.GetUtcNow();
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e);
            }
        }
    }

    private async Task<List<Guid>> DueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        var unpaid = now - options.Value.PastDueGrace;
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Subscriptions
            .Where(s => (s.PeriodEnd <= now && (s.PendingPlanId != null || s.State != SubscriptionState.PastDue)) || (s.State == SubscriptionState.PastDue && s.PastDueSince <= unpaid))
            .OrderBy(s => s.UpdatedAt).Take(BatchSize).Select(s => s.AccountId).ToListAsync(cancellationToken);
    }

    private async Task<bool> AdvanceAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPlanAsync(accountId, cancellationToken);
        var plans = await db.Plans.AsNoTracking().ToListAsync(cancellationToken);
        if (await db.Subscriptions.SingleOrDefaultAsync(s => s.AccountId == accountId, cancellationToken) is not { } subscription)
        {
            return false;
        }

        var before = plans.Single(p => p.Id == subscription.PlanId).Key;
        if (subscription.Advance(plans, options.Value.PastDueGrace, time.GetUtcNow()) is not { } why)
        {
            return false;
        }

        scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.SubscriptionChanged, "account", accountId,
            new { from = before, to = plans.Single(p => p.Id == subscription.PlanId).Key, state = subscription.State.ToString() }, why);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Counters that nobody looks at any more, and messages so old that their signature would not be taken again.</summary>
    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var now = time.GetUtcNow();
        var firstDay = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-KeepDays);
        await db.UsageCounters.Where(c => c.Day < firstDay).ExecuteDeleteAsync(cancellationToken);
        await db.PaymentMessages.Where(m => m.ReceivedAt < now - KeepMessages).ExecuteDeleteAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} subscriptions came to the end of their period.")]
    private static partial void LogChanged(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Subscriptions could not be looked through; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
