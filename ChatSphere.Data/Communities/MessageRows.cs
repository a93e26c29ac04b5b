using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

/// <summary>What a message said before an edit.</summary>
public sealed class MessageEdit
{
    /// <summary>The oldest go when there are more.</summary>
    public const int MostKept = 100;

    public required Guid Id { get; init; }
    public required Guid MessageId { get; init; }
    public required string Content { get; init; }

    /// <summary>When this was written.</summary>
    public required DateTimeOffset WrittenAt { get; init; }
    public required DateTimeOffset ReplacedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<MessageEdit>
    {
        public void Configure(EntityTypeBuilder<MessageEdit> builder)
        {
            builder.ToTable("message_edits", "communities");
            builder.HasIndex(e => new { e.MessageId, e.Id });
            builder.HasOne<ChannelMessage>().WithMany().HasForeignKey(e => e.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>That somebody reacted to a message with an emoji; the counts are with the message.</summary>
public sealed class MessageReaction
{
    public required Guid MessageId { get; init; }
    public required string Emoji { get; init; }
    public required Guid AccountId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<MessageReaction>
    {
        public void Configure(EntityTypeBuilder<MessageReaction> builder)
        {
            builder.ToTable("message_reactions", "communities");
            builder.HasKey(r => new { r.MessageId, r.Emoji, r.AccountId });
            builder.Property(r => r.Emoji).HasMaxLength(64);
            builder.HasIndex(r => r.AccountId);
            builder.HasOne<ChannelMessage>().WithMany().HasForeignKey(r => r.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What somebody chose in a poll: one row a person, so nobody votes twice.</summary>
public sealed class PollVote
{
    public required Guid MessageId { get; init; }
    public required Guid AccountId { get; init; }
    public required List<int> Options { get; set; }
    public required DateTimeOffset VotedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<PollVote>
    {
        public void Configure(EntityTypeBuilder<PollVote> builder)
        {
            builder.ToTable("poll_votes", "communities");
            builder.HasKey(v => new { v.MessageId, v.AccountId });
            builder.HasIndex(v => v.AccountId);
            builder.HasOne<ChannelMessage>().WithMany().HasForeignKey(v => v.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>When somebody last wrote in a channel with slow mode, or in its threads. Written in the transaction of the message.</summary>
public sealed class SlowModeMark
{
    public required Guid ChannelId { get; init; }
    public required Guid AccountId { get; init; }
    public required DateTimeOffset WrittenAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SlowModeMark>
    {
        public void Configure(EntityTypeBuilder<SlowModeMark> builder)
        {
            builder.ToTable("slow_mode_marks", "communities");
            builder.HasKey(m => new { m.ChannelId, m.AccountId });
            builder.HasIndex(m => m.AccountId);
            builder.HasOne<Channel>().WithMany().HasForeignKey(m => m.ChannelId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
