using ChatSphere.Data.Accounts;
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
