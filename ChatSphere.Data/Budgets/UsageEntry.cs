using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Budgets;

/// <summary>What a model was asked for.</summary>
public enum SpendingKind
{
    /// <summary>An answer in a conversation.</summary>
    Turn,

    /// <summary>Through OpenAI's API.</summary>
    OpenAi,
    Mcp,
    Embedding,

    /// <summary>Titles, summaries, memories and the like.</summary>
    Background,
}

/// <summary>
/// What one answer used. Never changed, except that an account's id goes when the account does. Without foreign keys, and with the time first in its key, so that the table
/// can be cut into months without touching what it holds.
/// </summary>
public sealed class UsageEntry
{
    /// <summary>When it was reserved: the moment that says which day it belongs to.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The turn's id, or the answer's where there is no turn.</summary>
    public required Guid Id { get; init; }
    public required SpendingKind Kind { get; init; }

    /// <summary>Null: the account is gone.</summary>
    public Guid? AccountId { get; init; }
    public Guid? BotId { get; init; }

    /// <summary>The one that finished the answer.</summary>
    public string? Model { get; init; }
    public string? Provider { get; init; }

    /// <summary>Over all calls that the answer took, but for those with a key of the asker's own.</summary>
    public required long InputTokens { get; init; }
    public required long OutputTokens { get; init; }

    /// <summary>Null: no price was known.</summary>
    public decimal? Cost { get; init; }
    public string? Currency { get; init; }

    /// <summary>The provider did not say all of it.</summary>
    public required bool Estimated { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<UsageEntry>
    {
        public void Configure(EntityTypeBuilder<UsageEntry> builder)
        {
            builder.ToTable("usage_entries", "ai");
            builder.HasKey(e => new { e.At, e.Id });
            builder.Property(e => e.Model).HasMaxLength(200);
            builder.Property(e => e.Provider).HasMaxLength(80);
            builder.Property(e => e.Currency).HasMaxLength(3);
            builder.Property(e => e.Cost).HasPrecision(20, 8);
            builder.HasIndex(e => new { e.AccountId, e.At });
            builder.HasIndex(e => new { e.BotId, e.At });
        }
    }
}
