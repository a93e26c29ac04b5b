using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

public enum RatingValue
{
    Up,
    Down,
}

/// <summary>What the person thinks of an answer; one of each answer. Bot and model stand beside it so that a bot's owner can count without reading what was said.</summary>
public sealed class MessageRating
{
    public required Guid MessageId { get; init; }
    public required Guid ConversationId { get; init; }
    public required Guid BotId { get; init; }
    public required Guid OwnerId { get; init; }
    public string? Model { get; init; }
    public required RatingValue Value { get; set; }
    public string? Comment { get; set; }
    public required DateTimeOffset RatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<MessageRating>
    {
        public void Configure(EntityTypeBuilder<MessageRating> builder)
        {
            builder.ToTable("message_ratings", "conversations");
            builder.HasKey(r => r.MessageId);
            builder.Property(r => r.Model).HasMaxLength(200);
            builder.HasIndex(r => new { r.BotId, r.RatedAt });
            builder.HasIndex(r => r.ConversationId);
            builder.HasOne<Message>().WithMany().HasForeignKey(r => r.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
