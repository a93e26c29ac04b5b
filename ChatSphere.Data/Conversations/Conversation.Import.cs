using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <param name="Parent">Its place in the list, smaller than its own; null: it begins the conversation.</param>
public sealed record MessageFromElsewhere(int? Parent, MessageAuthor Author, string Text, string? Model, DateTimeOffset At);

/// <param name="SourceId">What it was known by there, with a word for where.</param>
/// <param name="Current">The place of the last message of the branch that was shown.</param>
public sealed record TalkFromElsewhere(string SourceId, string? Title, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<MessageFromElsewhere> Messages, int Current);

public sealed partial class Conversation
{
    /// <summary>What it was known by where it came from; once for each person.</summary>
    public string? SourceId { get; private init; }

    public static (Conversation Conversation, IReadOnlyList<Message> Messages) FromElsewhere(Guid ownerId, Guid botId, TalkFromElsewhere talk, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var turnId = Guid.CreateVersion7(now);
        var messages = new List<Message>(talk.Messages.Count);
        foreach (var from in talk.Messages)
        {
            messages.Add(Message.FromElsewhere(id, turnId, messages.Count + 1, from.Parent is { } parent ? messages[parent].Id : Message.NoParent, from, now));
        }

        return (new Conversation
        {
            Id = id,
            OwnerId = ownerId,
            BotId = botId,
            SourceId = talk.SourceId,
            Title = talk.Title ?? (talk.Messages.FirstOrDefault(m => m.Author is MessageAuthor.User) is { } first ? TitleFrom(first.Text) : null),
            LastSeq = messages.Count,
            CurrentId = messages.Count == 0 ? null : messages[talk.Current].Id,
            CurrentAsOf = messages.Count,
            CreatedAt = talk.CreatedAt,
            UpdatedAt = talk.UpdatedAt,
        }, messages);
    }

    internal sealed class ImportMapping : IEntityTypeConfiguration<Conversation>
    {
        public void Configure(EntityTypeBuilder<Conversation> builder)
        {
            builder.Property(c => c.SourceId).HasMaxLength(200);
            builder.HasIndex(c => new { c.OwnerId, c.SourceId }).IsUnique().HasFilter("source_id is not null");
        }
    }
}

public sealed partial class Message
{
    internal static Message FromElsewhere(Guid conversationId, Guid turnId, int seq, Guid parentId, MessageFromElsewhere from, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ConversationId = conversationId,
        TurnId = turnId,
        Seq = seq,
        ParentId = parentId,
        Author = from.Author,
        State = MessageState.Complete,
        Text = from.Text,
        Model = from.Author is MessageAuthor.Assistant ? from.Model : null,
        CreatedAt = from.At,
    };
}
