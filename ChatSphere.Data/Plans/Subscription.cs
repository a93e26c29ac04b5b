using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Plans;

public enum SubscriptionState
{
    Active,
    PastDue,
    Cancelled,
}

/// <summary>Which plan an account has. Without one it has the default plan. Changed only under <see cref="PlanQueries.LockPlanAsync"/> of the account.</summary>
public sealed class Subscription
{
    public required Guid AccountId { get; init; }
    public required Guid PlanId { get; set; }
    public SubscriptionState State { get; set; }
    public DateTimeOffset? PeriodStart { get; set; }

    /// <summary>Null: no end is known.</summary>
    public DateTimeOffset? PeriodEnd { get; set; }

    /// <summary>What follows when the period ends. Null: whatever the payment provider says; silence of it means that payment is due.</summary>
    public Guid? PendingPlanId { get; set; }

    /// <summary>Since when a payment is due.</summary>
    public DateTimeOffset? PastDueSince { get; set; }
    public string? ProviderCustomerId { get; set; }
    public string? ProviderSubscriptionId { get; set; }

    /// <summary>The time of the newest message of the provider that was applied: an older one that comes later changes nothing.</summary>
    public DateTimeOffset? ProviderAsOf { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>From now on, without an end.</summary>
    public void Switch(Guid planId, DateTimeOffset now)
    {
        PlanId = planId;
        State = SubscriptionState.Active;
        PeriodStart = now;
        PeriodEnd = null;
        PendingPlanId = null;
        PastDueSince = null;
        ProviderSubscriptionId = null;
        UpdatedAt = now;
    }

    /// <summary>What is due at this moment, and the grace over: the plan that follows begins, or a payment has become due.</summary>
    /// <param name="plans">All that there are.</param>
    /// <returns>Why it changed; null when nothing was due.</returns>
    public string? Advance(IReadOnlyCollection<Plan> plans, TimeSpan grace, DateTimeOffset now)
    {
        var fallback = plans.Single(p => p.IsDefault);
        if (State == SubscriptionState.PastDue && PastDueSince + grace <= now)
        {
            Switch(fallback.Id, now);
            return "not_paid";
        }

        if (PeriodEnd > now || PeriodEnd is null)
        {
            return null;
        }

        if (PendingPlanId is { } pending)
        {
            // A plan that costs something runs on credit until the provider says that it is paid.
            var next = plans.SingleOrDefault(p => p.Id == pending && p.ArchivedAt is null) ?? fallback;
            var (due, provider) = (PeriodEnd.Value, ProviderSubscriptionId);
            Switch(next.Id, now);
            if (next.HasPrice)
            {
                (State, PastDueSince, ProviderSubscriptionId) = (SubscriptionState.PastDue, due, provider);
            }

            return "period_ended";
        }

        if (State == SubscriptionState.PastDue)
        {
            return null;
        }

        (State, PastDueSince, UpdatedAt) = (SubscriptionState.PastDue, PeriodEnd, now);
        return "payment_due";
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Subscription>
    {
        public void Configure(EntityTypeBuilder<Subscription> builder)
        {
            builder.ToTable("subscriptions", "plans");
            builder.HasKey(s => s.AccountId);
            builder.Property(s => s.ProviderCustomerId).HasMaxLength(200);
            builder.Property(s => s.ProviderSubscriptionId).HasMaxLength(200);
            builder.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Plan>().WithMany().HasForeignKey(s => s.PlanId).OnDelete(DeleteBehavior.Restrict);
            builder.HasOne<Plan>().WithMany().HasForeignKey(s => s.PendingPlanId).OnDelete(DeleteBehavior.Restrict);

            // What the Worker looks for.
            builder.HasIndex(s => s.PeriodEnd);
            builder.HasIndex(s => s.PastDueSince);
        }
    }
}

/// <summary>Somebody whom the owner of a plan lets use its limits, each for themselves. A person has at most one seat.</summary>
public sealed class SubscriptionSeat
{
    public required Guid AccountId { get; init; }
    public required Guid OwnerId { get; init; }
    public required DateTimeOffset AddedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SubscriptionSeat>
    {
        public void Configure(EntityTypeBuilder<SubscriptionSeat> builder)
        {
            builder.ToTable("seats", "plans");
            builder.HasKey(s => s.AccountId);
            builder.HasIndex(s => new { s.OwnerId, s.AddedAt });
            builder.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Account>().WithMany().HasForeignKey(s => s.OwnerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What an account used of a limit by days. Whatever can be counted from what is there is counted from it, and has no counter.</summary>
public sealed class UsageCounter
{
    public required Guid AccountId { get; init; }

    /// <summary>One of <see cref="UsageKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>By UTC.</summary>
    public required DateOnly Day { get; init; }
    public required int Used { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<UsageCounter>
    {
        public void Configure(EntityTypeBuilder<UsageCounter> builder)
        {
            builder.ToTable("usage_counters", "plans");
            builder.HasKey(c => new { c.AccountId, c.Kind, c.Day });
            builder.Property(c => c.Kind).HasMaxLength(32);
            builder.HasIndex(c => c.Day);
        }
    }
}

/// <summary>A message of the payment provider that was dealt with. The key makes a second delivery do nothing. Holds nothing of whom it was about.</summary>
public sealed class PaymentMessage
{
    /// <summary>The provider's <c>webhook-id</c>.</summary>
    public required string Id { get; init; }
    public required string Type { get; init; }
    public required string Result { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PaymentMessage>
    {
        public void Configure(EntityTypeBuilder<PaymentMessage> builder)
        {
            builder.ToTable("payment_messages", "plans");
            builder.Property(m => m.Id).HasMaxLength(200);
            builder.Property(m => m.Type).HasMaxLength(100);
            builder.Property(m => m.Result).HasMaxLength(32);
            builder.HasIndex(m => m.ReceivedAt);
        }
    }
}

public static class PlanQueries
{
    /// <summary>One at a time decides about an account's plan, or about room within its limits, until the caller's transaction ends.</summary>
    public static async Task LockPlanAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"plan:" + accountId}, 0))", cancellationToken);

    /// <summary>
    /// Whose limits hold for an account: its own plan if that is another than the default, else that of who gave it a seat, else the default. Of seats, as many count as the
    /// plan has, those given first.
    /// </summary>
    public static IQueryable<Plan> PlanOf(this ChatSphereDb db, Guid accountId) => db.Plans.FromSql($"""
        select p.* from plans.plans p where p.id = coalesce(
            (select s.plan_id from plans.subscriptions s join plans.plans o on o.id = s.plan_id where s.account_id = {accountId} and not o.is_default),
            (select s.plan_id from plans.seats t join plans.subscriptions s on s.account_id = t.owner_id join plans.plans o on o.id = s.plan_id
             where t.account_id = {accountId} and not o.is_default and (o.seats is null or o.seats >
                (select count(*) from plans.seats e where e.owner_id = t.owner_id and (e.added_at, e.account_id) < (t.added_at, t.account_id)))),
            (select d.id from plans.plans d where d.is_default))
        """).AsNoTracking();
}
