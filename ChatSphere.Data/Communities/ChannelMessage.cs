using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

public enum AuthorKind
{
    Person,
    Bot,

    /// <summary>Came by an incoming webhook; the name is what the webhook said.</summary>
    Webhook,

    /// <summary>Brought from elsewhere; the name is what was said there.</summary>
    Imported,
}

public enum ChannelMessageKind
{
    /// <summary>Somebody wrote it.</summary>
    Text,

    /// <summary>The author joined the server.</summary>
    Joined,

    /// <summary>The author pinned the message that this refers to.</summary>
    Pinned,

    /// <summary>The author began a thread.</summary>
    ThreadStarted,
}

/// <summary>One message in a channel. Deleted ones stay as an empty place with their number.</summary>
public sealed partial class ChannelMessage
{
    /// <summary>In Unicode code points.</summary>
    public const int MaxLength = 4_000;
    public const int MaxNonceLength = 64;

    public required Guid Id { get; init; }
    public required Guid ChannelId { get; init; }
    public Guid? ServerId { get; init; }

    /// <summary>In its channel, from 1 without gaps, in the order in which they became visible.</summary>
    public required long Seq { get; set; }

    /// <summary>The channel's number of the last change to it.</summary>
    public required long Change { get; set; }
    public required ChannelMessageKind Kind { get; init; }
    public required AuthorKind AuthorKind { get; init; }

    /// <summary>An account's, a bot's or a webhook's id.</summary>
    public required Guid AuthorId { get; init; }

    /// <summary>Of webhooks and imported authors; null for those who have an account.</summary>
    public string? AuthorName { get; init; }

    /// <summary>The author's own word for this message: a second one with the same is the same.</summary>
    public string? Nonce { get; init; }

    /// <summary>SHA-256 of the request, to tell a repeat from another message with a used nonce.</summary>
    public byte[]? Fingerprint { get; init; }
    public required string Content { get; set; }
    public Guid? ReplyToId { get; init; }
    public List<Guid> MentionedAccounts { get; set; } = [];
    public List<Guid> MentionedRoles { get; set; } = [];

    /// <summary><c>@everyone</c>, or <c>@here</c>, of one who may.</summary>
    public bool MentionsEveryone { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? EditedAt { get; set; }
    public DateTimeOffset? DeletedAt { get; set; }
    public DateTimeOffset? PinnedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ChannelMessage>
    {
        public void Configure(EntityTypeBuilder<ChannelMessage> builder)
        {
            builder.ToTable("messages", "communities");
            builder.Property(m => m.AuthorName).HasMaxLength(100);
            builder.Property(m => m.Nonce).HasMaxLength(MaxNonceLength);

            // History, and that no number is given twice.
            builder.HasIndex(m => new { m.ChannelId, m.Seq }).IsUnique();

            // What changed since?
            builder.HasIndex(m => new { m.ChannelId, m.Change });

            // A repeat is the first one.
            builder.HasIndex(m => new { m.AuthorId, m.ChannelId, m.Nonce }).IsUnique().HasFilter("nonce is not null");

            // How many since then mention somebody?
            builder.HasIndex(m => new { m.ChannelId, m.Seq }).HasFilter("mentions_everyone or cardinality(mentioned_accounts) > 0 or cardinality(mentioned_roles) > 0").HasDatabaseName("ix_messages_mentioning");
            builder.HasIndex(m => m.ReplyToId).HasFilter("reply_to_id is not null");
            builder.HasOne<Channel>().WithMany().HasForeignKey(m => m.ChannelId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>Stored with its number; whoever may read it has been, or will be, told.</summary>
[EventName("communities.message-posted.v1")]
public sealed record MessagePosted(Guid MessageId, Guid ChannelId, Guid? ServerId) : IDomainEvent
{
    public string OrderingKey => ChannelId.ToString();
}
