using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>One question and the making of its answer, by one node that holds a lease on it.</summary>
public sealed partial class Turn
{
    private Turn()
    {
    }

    public Guid Id { get; private init; }
    public Guid ConversationId { get; private init; }
    public Guid OwnerId { get; private init; }
    public Guid QuestionId { get; private init; }
    public Guid AnswerId { get; private init; }

    /// <summary>Who runs it, and until when that may be believed. Past that, a sweeper ends the turn and keeps what there is.</summary>
    public string Node { get; private init; } = "";
    public DateTimeOffset LeasedUntil { get; set; }
    public bool StopRequested { get; set; }

    /// <summary>The sequence number of the last event; null while running.</summary>
    public int? LastEvent { get; set; }
    public DateTimeOffset CreatedAt { get; private init; }

    internal static Turn Begin(Guid id, Guid conversationId, Guid ownerId, Guid questionId, Guid answerId, string node, DateTimeOffset now, TimeSpan lease) => new()
    {
        Id = id,
        ConversationId = conversationId,
        OwnerId = ownerId,
        QuestionId = questionId,
        AnswerId = answerId,
        Node = node,
        LeasedUntil = now + lease,
        CreatedAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<Turn>
    {
        public void Configure(EntityTypeBuilder<Turn> builder)
        {
            builder.ToTable("turns", "conversations");
            builder.Property(t => t.Node).HasMaxLength(100);
            builder.HasIndex(t => t.ConversationId);

            // What the sweeper looks for.
            builder.HasIndex(t => t.LeasedUntil).HasFilter("last_event is null");
            builder.HasOne<Conversation>().WithMany().HasForeignKey(t => t.ConversationId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
