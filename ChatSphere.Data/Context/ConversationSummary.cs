using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Context;

/// <summary>
/// What a branch of a conversation said up to and with one message, in few words. It holds for every branch that goes through that message, and for no other. A trigger
/// (<see cref="ContextSql"/>) removes it when a message that it may cover is changed or deleted.
/// </summary>
public sealed class ConversationSummary
{
    public required Guid Id { get; init; }
    public required Guid ConversationId { get; init; }
    public required Guid UpToMessageId { get; init; }
    public required int UpToSeq { get; init; }
    public required string Text { get; init; }
    public required string Model { get; init; }

    /// <summary>Of the text, estimated.</summary>
    public required int Tokens { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ConversationSummary>
    {
        public void Configure(EntityTypeBuilder<ConversationSummary> builder)
        {
            builder.ToTable("conversation_summaries", "conversations");
            builder.Property(s => s.Model).HasMaxLength(200);
            builder.HasIndex(s => new { s.ConversationId, s.UpToMessageId }).IsUnique();
            builder.HasOne<Conversation>().WithMany().HasForeignKey(s => s.ConversationId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Message>().WithMany().HasForeignKey(s => s.UpToMessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
