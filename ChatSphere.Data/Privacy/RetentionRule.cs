using ChatSphere.Data.Accounts;
using ChatSphere.Data.Bots;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Privacy;

/// <summary>The same words as on the wire.</summary>
public enum RetentionKind
{
    Conversations,
    Documents,
    EndedSessions,
    SentMails,
    OneTimeTokens,
    DeadLetters,
}

/// <summary>How long things of a kind are kept, of everybody or of a group's members. Of several rules that apply, each does what it says, so the shortest counts.</summary>
public sealed class RetentionRule
{
    public required Guid Id { get; init; }
    public required RetentionKind Kind { get; init; }

    /// <summary>Null: everybody's.</summary>
    public Guid? GroupId { get; init; }

    /// <summary>Null: kept until somebody deletes it, also where the default says otherwise.</summary>
    public int? Days { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
    public Guid ChangedBy { get; set; }

    /// <summary>Where nobody has set a rule for everybody. What people make is kept; what only the machinery needs is not.</summary>
    public static int? DefaultDays(RetentionKind kind) => kind switch
    {
        RetentionKind.EndedSessions => 90,
        RetentionKind.SentMails => 30,
        RetentionKind.OneTimeTokens => 7,
        _ => null,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<RetentionRule>
    {
        public void Configure(EntityTypeBuilder<RetentionRule> builder)
        {
            builder.ToTable("retention_rules", "privacy");
            builder.HasIndex(r => new { r.Kind, r.GroupId }).IsUnique().AreNullsDistinct(false);
            builder.HasOne<Group>().WithMany().HasForeignKey(r => r.GroupId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>
/// How long what is with one bot is kept: conversations with it, or its documents. In a table of its own, because a program of the version before would take a rule without a group
/// for everybody's, and delete everything while versions are changed.
/// </summary>
public sealed class BotRetentionRule
{
    public required Guid BotId { get; init; }
    public required RetentionKind Kind { get; init; }
    public int Days { get; set; }
    public DateTimeOffset ChangedAt { get; set; }
    public Guid ChangedBy { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<BotRetentionRule>
    {
        public void Configure(EntityTypeBuilder<BotRetentionRule> builder)
        {
            builder.ToTable("bot_retention_rules", "privacy");
            builder.HasKey(r => new { r.BotId, r.Kind });
            builder.HasOne<Bot>().WithMany().HasForeignKey(r => r.BotId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>Where a rule applies: everywhere, to what the members of a group have, or to what is with a bot. Never both.</summary>
public sealed record RetentionPlace(Guid? GroupId = null, Guid? BotId = null)
{
    public static readonly RetentionPlace Everywhere = new();

    public Guid? Id => GroupId ?? BotId;
}

/// <param name="Place">Where.</param>
/// <param name="Days">Null: kept until somebody deletes it.</param>
/// <param name="ChangedAt">Null where nobody has set it.</param>
public sealed record RetentionInForce(RetentionKind Kind, RetentionPlace Place, int? Days, DateTimeOffset? ChangedAt);

/// <summary>What a person has decided about their own data.</summary>
public sealed class OwnRetention
{
    public required Guid AccountId { get; init; }
    public int? DeleteConversationsAfterDays { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<OwnRetention>
    {
        public void Configure(EntityTypeBuilder<OwnRetention> builder)
        {
            builder.ToTable("own_retention", "privacy");
            builder.HasKey(r => r.AccountId);
            builder.HasOne<Account>().WithMany().HasForeignKey(r => r.AccountId).OnDelete(DeleteBehavior.Cascade);
            builder.HasIndex(r => r.DeleteConversationsAfterDays).HasFilter("delete_conversations_after_days is not null");
        }
    }
}
