using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Plans;

internal sealed class UsageGate(ChatSphereDb db, IOptions<PlansOptions> options, TimeProvider time) : IUsageGate
{
    private static readonly UsageRoom Unlimited = new(null, null);
    private static readonly DocumentOutlook Open = new(null, long.MaxValue, null);

    public async Task<UsageRoom> ForBotAsync(Guid ownerId, string? model, CancellationToken cancellationToken) =>
        await RefuseModelAsync(ownerId, model, cancellationToken) is { } refusal ? new UsageRoom(refusal, null)
            : await CountedAsync(ownerId, cancellationToken, (UsageKinds.Bots, p => p.Bots, 1, () => db.BotsOf(ownerId, cancellationToken)));

    public async Task<UsageRefusal?> RefuseModelAsync(Guid accountId, string? model, CancellationToken cancellationToken)
    {
        if (!options.Value.Enforced || string.IsNullOrEmpty(model))
        {
            return null;
        }

        var plan = await db.PlanOf(accountId).SingleAsync(cancellationToken);
        return plan.Allows(model) ? null : Refusal(plan, UsageKinds.Models, null, 0);
    }

    public async Task<ModelAllowance> ModelsOfAsync(Guid accountId, CancellationToken cancellationToken) => options.Value.Enforced
        ? await db.PlanOf(accountId).Select(p => new ModelAllowance(p.Models, p.OwnKeys)).SingleAsync(cancellationToken)
        : ModelAllowance.Everything;

    public async Task<UsageRefusal?> RefuseOwnKeysAsync(Guid accountId, CancellationToken cancellationToken) =>
        options.Value.Enforced && await db.PlanOf(accountId).SingleAsync(cancellationToken) is { OwnKeys: false } plan ? Refusal(plan, UsageKinds.OwnKeys, null, 0) : null;

    public async Task<UsageRoom> ForMessageAsync(Guid accountId, string? model, CancellationToken cancellationToken)
    {
        if (!options.Value.Enforced)
        {
            return Unlimited;
        }

        var plan = await db.PlanOf(accountId).SingleAsync(cancellationToken);
        if (!string.IsNullOrEmpty(model) && !plan.Allows(model))
        {
            return new UsageRoom(Refusal(plan, UsageKinds.Models, null, 0), null);
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var limit = plan.MessagesPerDay ?? int.MaxValue;
        var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        try
        {
            // The row's lock is the queue: who comes next sees what this one used, or that it was taken back.
            var counted = limit == 0 ? 0 : await db.Database.ExecuteSqlAsync($"""
                insert into plans.usage_counters as c (account_id, kind, day, used) values ({accountId}, {UsageKinds.Messages}, {today}, 1)
                on conflict (account_id, kind, day) do update set used = c.used + 1 where c.used < {limit}
                """, cancellationToken);
            if (counted == 1)
            {
                return new UsageRoom(null, transaction);
            }
        }
        catch
        {
            await DropAsync(transaction);
            throw;
        }

        await DropAsync(transaction);
        return new UsageRoom(Refusal(plan, UsageKinds.Messages, limit, await db.MessagesOf(accountId, today, cancellationToken), UsageDays.EndOf(today)), null);
    }

    public Task GiveBackMessageAsync(Guid accountId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        return db.UsageCounters.Where(c => c.AccountId == accountId && c.Kind == UsageKinds.Messages && c.Day == day && c.Used > 0)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.Used, x => x.Used - 1), cancellationToken);
    }

    public async Task<DocumentOutlook> LookForDocumentAsync(Guid botId, CancellationToken cancellationToken)
    {
        if (!options.Value.Enforced)
        {
            return Open;
        }

        var ownerId = await OwnerAsync(botId, cancellationToken);
        var plan = await db.PlanOf(ownerId).SingleAsync(cancellationToken);
        if (plan.Documents is null && plan.StorageBytes is null)
        {
            return Open;
        }

        var (documents, bytes) = await db.DocumentsOf(ownerId, cancellationToken);
        var full = plan.StorageBytes is null ? null : Refusal(plan, UsageKinds.StorageBytes, plan.StorageBytes, bytes);
        return documents >= plan.Documents ? new(Refusal(plan, UsageKinds.Documents, plan.Documents, documents), 0, full)
            : bytes >= plan.StorageBytes ? new(full, 0, full)
            : new(null, plan.StorageBytes - bytes ?? long.MaxValue, full);
    }

    public async Task<UsageRoom> ForDocumentAsync(Guid botId, long bytes, CancellationToken cancellationToken)
    {
        if (!options.Value.Enforced)
        {
            return Unlimited;
        }

        var ownerId = await OwnerAsync(botId, cancellationToken);
        (long Documents, long Bytes)? have = null;
        return await CountedAsync(
            ownerId, cancellationToken,
            (UsageKinds.Documents, p => p.Documents, 1, async () => (await HaveAsync()).Documents),
            (UsageKinds.StorageBytes, p => p.StorageBytes, bytes, async () => (await HaveAsync()).Bytes));

        async Task<(long Documents, long Bytes)> HaveAsync() => have ??= await db.DocumentsOf(ownerId, cancellationToken);
    }

    public Task<UsageRoom> ForAttachmentAsync(Guid ownerId, long bytes, CancellationToken cancellationToken) =>
        CountedAsync(ownerId, cancellationToken, (UsageKinds.StorageBytes, p => p.StorageBytes, bytes, async () => (await db.DocumentsOf(ownerId, cancellationToken)).Bytes));

    public Task<UsageRoom> ForApiKeyAsync(Guid accountId, CancellationToken cancellationToken) =>
        CountedAsync(accountId, cancellationToken, (UsageKinds.ApiKeys, p => p.ApiKeys, 1, () => db.ApiKeysOf(accountId, time.GetUtcNow(), cancellationToken)));

    public async Task<UsageRoom> ForSeatAsync(Guid ownerId, CancellationToken cancellationToken)
    {
        // Who has a place on somebody's plan has none to give.
        if (options.Value.Enforced && await db.OwnPlanOf(ownerId).SingleOrDefaultAsync(cancellationToken) is null)
        {
            var plan = await db.PlanOf(ownerId).SingleAsync(cancellationToken);
            return new UsageRoom(Refusal(plan, UsageKinds.Seats, 0, 0), null);
        }

        return await CountedAsync(ownerId, cancellationToken, (UsageKinds.Seats, p => p.Seats, 1, () => db.SeatsOf(ownerId, cancellationToken)));
    }

    /// <summary>Under the account's lock: counts what there is, and holds the lock until what the caller saves is counted too.</summary>
    private async Task<UsageRoom> CountedAsync(
        Guid accountId, CancellationToken cancellationToken, params (string Kind, Func<Plan, long?> Limit, long More, Func<Task<long>> Used)[] asked)
    {
        if (!options.Value.Enforced)
        {
            return Unlimited;
        }

        var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        try
        {
            await db.LockPlanAsync(accountId, cancellationToken);
            var plan = await db.PlanOf(accountId).SingleAsync(cancellationToken);
            foreach (var (kind, limitOf, more, usedOf) in asked)
            {
                if (limitOf(plan) is { } limit && await usedOf() is var used && used > limit - more)
                {
                    await DropAsync(transaction);
                    return new UsageRoom(Refusal(plan, kind, limit, used), null);
                }
            }

            return new UsageRoom(null, transaction);
        }
        catch
        {
            await DropAsync(transaction);
            throw;
        }
    }

    private Task<Guid> OwnerAsync(Guid botId, CancellationToken cancellationToken) => db.Bots.Where(b => b.Id == botId).Select(b => b.OwnerId).SingleAsync(cancellationToken);

    private static UsageRefusal Refusal(Plan plan, string kind, long? limit, long used, DateTimeOffset? resets = null) => new(kind, limit, used, resets, plan.Key, plan.Name);

    private static ValueTask DropAsync(IAsyncDisposable? transaction) => transaction?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public static class UsageDays
{
    /// <summary>The first moment of the day after.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
}

/// <summary>What an account has, counted from what there is.</summary>
public static class UsageQueries
{
    public static Task<long> BotsOf(this ChatSphereDb db, Guid ownerId, CancellationToken cancellationToken) =>
        db.Bots.LongCountAsync(b => b.OwnerId == ownerId && b.DeletedAt == null, cancellationToken);

    /// <summary>Of all bots that the account owns, whoever brought them, and in bytes what the account gave to conversations. A file that two bots have counts twice.</summary>
    public static async Task<(long Documents, long Bytes)> DocumentsOf(this ChatSphereDb db, Guid ownerId, CancellationToken cancellationToken)
    {
        var have = await db.Documents.Where(d => db.Bots.Any(b => b.Id == d.BotId && b.OwnerId == ownerId && b.DeletedAt == null))
            .GroupBy(_ => 1).Select(g => new { Documents = g.LongCount(), Bytes = g.Sum(d => d.Size) }).SingleOrDefaultAsync(cancellationToken);
        return (have?.Documents ?? 0, (have?.Bytes ?? 0) + await db.AttachmentBytesOf(ownerId, cancellationToken));
    }

    public static Task<long> ApiKeysOf(this ChatSphereDb db, Guid accountId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.ApiKeys.LongCountAsync(k => k.AccountId == accountId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken);

    public static Task<long> SeatsOf(this ChatSphereDb db, Guid ownerId, CancellationToken cancellationToken) =>
        db.SubscriptionSeats.LongCountAsync(s => s.OwnerId == ownerId, cancellationToken);

    public static async Task<long> MessagesOf(this ChatSphereDb db, Guid accountId, DateOnly day, CancellationToken cancellationToken) =>
        await db.UsageCounters.Where(c => c.AccountId == accountId && c.Kind == UsageKinds.Messages && c.Day == day).Select(c => (long)c.Used).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The plan that an account has by itself, other than the default one; nothing for who has none.</summary>
    public static IQueryable<Plan> OwnPlanOf(this ChatSphereDb db, Guid accountId) =>
        db.Plans.AsNoTracking().Where(p => !p.IsDefault && db.Subscriptions.Any(s => s.AccountId == accountId && s.PlanId == p.Id));
}
