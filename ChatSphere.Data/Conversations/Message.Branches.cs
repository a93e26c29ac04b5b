using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

public sealed partial class Message
{
    /// <summary>The <see cref="ParentId"/> of what begins a conversation.</summary>
    public static readonly Guid NoParent = Guid.Empty;

    /// <summary>
    /// What it was said after. It always has a smaller <see cref="Seq"/>, so there are no circles. Null: written by a node of the version before; it follows the message with
    /// the next smaller <see cref="Seq"/>.
    /// </summary>
    public Guid? ParentId { get; internal set; }

    /// <summary>The model that was asked for, for this answer only; null: the bot's.</summary>
    public string? RequestedModel { get; internal set; }

    /// <summary>Why the model ended: the provider's word, <c>length</c> among them.</summary>
    public string? FinishReason { get; set; }

    /// <summary>What there is stays, and more comes behind it.</summary>
    internal void GoOn(Guid turnId)
    {
        TurnId = turnId;
        State = MessageState.Generating;
        (FailureCode, Reason, FinishReason) = (null, null, null);
    }

    internal sealed class BranchMapping : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.Property(m => m.RequestedModel).HasMaxLength(200);
            builder.Property(m => m.FinishReason).HasMaxLength(64);
            builder.HasIndex(m => new { m.ConversationId, m.ParentId });
        }
    }
}

/// <summary>What EF cannot say of the tree.</summary>
public static class BranchSql
{
    /// <summary>Until now every message followed the one before it.</summary>
    public const string Up = """
        update conversations.messages m set parent_id = o.parent_id from (select id, coalesce(lag(id) over (partition by conversation_id order by seq), '00000000-0000-0000-0000-000000000000') as parent_id from conversations.messages) o where o.id = m.id;
        update conversations.conversations c set current_id = m.id, current_as_of = c.last_seq from conversations.messages m where m.conversation_id = c.id and m.seq = c.last_seq;
        """;
}
