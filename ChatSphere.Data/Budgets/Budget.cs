using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Budgets;

/// <summary>Whose spending is limited. The names stand in SQL, and locks are taken in their order.</summary>
public enum BudgetScope
{
    /// <summary>What one account asks, wherever it asks.</summary>
    Account,

    /// <summary>What all who ask a bot may cost together.</summary>
    Bot,

    /// <summary>What all members of a group ask together, wherever they ask. Who is in several counts in each that has a budget.</summary>
    Group,

    /// <summary>What is asked in one server of a community. Nothing claims it yet.</summary>
    Server,
}

/// <summary>By UTC.</summary>
public enum BudgetPeriod
{
    Day,
    Month,
}

/// <summary>How much may be spent in a period. Takes effect with the next question; what is being answered is not stopped.</summary>
public sealed class Budget
{
    /// <summary>The <see cref="ScopeId"/> of what holds for every account that has no row of its own.</summary>
    public static readonly Guid Everybody = Guid.Empty;

    public required BudgetScope Scope { get; init; }
    public required Guid ScopeId { get; init; }
    public required BudgetPeriod Period { get; init; }

    /// <summary>Null: no limit, also where the default has one.</summary>
    public long? Tokens { get; set; }

    /// <summary>In the deployment's currency; null as with <see cref="Tokens"/>.</summary>
    public decimal? Money { get; set; }
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Budget>
    {
        public void Configure(EntityTypeBuilder<Budget> builder)
        {
            builder.ToTable("budgets", "ai");
            builder.HasKey(b => new { b.Scope, b.ScopeId, b.Period });
            builder.Property(b => b.Money).HasPrecision(20, 8);
        }
    }
}

/// <summary>What was spent in a period, and what answers in the making may still spend. Changed by <see cref="BudgetLedger"/> only.</summary>
public sealed class BudgetCounter
{
    public required BudgetScope Scope { get; init; }
    public required Guid ScopeId { get; init; }
    public required BudgetPeriod Period { get; init; }

    /// <summary>The period's first day.</summary>
    public required DateOnly Starts { get; init; }
    public required long SpentTokens { get; init; }
    public required decimal SpentMoney { get; init; }
    public required long ReservedTokens { get; init; }
    public required decimal ReservedMoney { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<BudgetCounter>
    {
        public void Configure(EntityTypeBuilder<BudgetCounter> builder)
        {
            builder.ToTable("budget_counters", "ai");
            builder.HasKey(c => new { c.Scope, c.ScopeId, c.Period, c.Starts });
            builder.Property(c => c.SpentMoney).HasPrecision(20, 8);
            builder.Property(c => c.ReservedMoney).HasPrecision(20, 8);
            builder.HasIndex(c => c.Starts);
        }
    }
}

/// <summary>
/// An answer in the making: what it may cost, and which counters hold that for it. Whoever deletes the row settles, so an answer is counted once, whatever dies meanwhile.
/// </summary>
public sealed class BudgetReservation
{
    /// <summary>The turn's id, or the answer's where there is no turn.</summary>
    public required Guid Id { get; init; }
    public required SpendingKind Kind { get; init; }
    public required Guid AccountId { get; init; }
    public Guid? BotId { get; init; }
    public string? Model { get; init; }
    public required long InputTokens { get; init; }
    public required long OutputTokens { get; init; }
    public required decimal Money { get; init; }

    /// <summary>Says which day and month it belongs to, also when it ends in the next.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When a sweeper takes it for abandoned, unless its turn is alive.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The counters that hold it, as <c>Account/Day</c>, and <c>Group/{id}/Day</c> where there may be several.</summary>
    public required string[] Holds { get; init; }

    /// <summary>The account's groups that had a budget when it was reserved: it counts in these, whatever becomes of the membership.</summary>
    public Guid[] GroupIds { get; init; } = [];

    internal sealed class Mapping : IEntityTypeConfiguration<BudgetReservation>
    {
        public void Configure(EntityTypeBuilder<BudgetReservation> builder)
        {
            builder.ToTable("budget_reservations", "ai");
            builder.Property(r => r.Model).HasMaxLength(200);
            builder.Property(r => r.Money).HasPrecision(20, 8);
            builder.Property(r => r.GroupIds).HasDefaultValueSql("'{}'");
            builder.HasIndex(r => r.ExpiresAt);
            builder.HasIndex(r => r.AccountId);
        }
    }
}
