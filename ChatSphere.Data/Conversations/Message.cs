using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

public enum MessageAuthor
{
    User,
    Assistant,
}

public enum MessageState
{
    Complete,
    Generating,
    Stopped,
    Interrupted,
    Failed,
}

/// <summary>What a person or a bot said.</summary>
public sealed partial class Message
{
    private Message()
    {
    }

    public Guid Id { get; private init; }
    public Guid ConversationId { get; private init; }
    public Guid TurnId { get; private set; }
    public int Seq { get; private init; }
    public MessageAuthor Author { get; private init; }
    public MessageState State { get; set; }
    public string Text { get; set; } = "";
    public string? Model { get; set; }
    public List<Citation> Citations { get; set; } = [];
    public Usage? Usage { get; set; }
    public string? FailureCode { get; set; }
    public string? Reason { get; set; }

    /// <summary>The caller's Idempotency-Key, and the hash of what came with it.</summary>
    public string? ClientKey { get; private init; }
    public byte[]? RequestHash { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    internal static Message FromPerson(Guid conversationId, Guid turnId, int seq, string text, string? clientKey, byte[]? requestHash, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ConversationId = conversationId,
        TurnId = turnId,
        Seq = seq,
        Author = MessageAuthor.User,
        State = MessageState.Complete,
        Text = text,
        ClientKey = clientKey,
        RequestHash = requestHash,
        CreatedAt = now,
    };

    internal static Message BeingWritten(Guid conversationId, Guid turnId, int seq, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ConversationId = conversationId,
        TurnId = turnId,
        Seq = seq,
        Author = MessageAuthor.Assistant,
        State = MessageState.Generating,
        CreatedAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.ToTable("messages", "conversations");
            builder.Property(m => m.Model).HasMaxLength(200);
            builder.Property(m => m.FailureCode).HasMaxLength(64);
            builder.Property(m => m.ClientKey).HasMaxLength(200);
            builder.HasIndex(m => new { m.ConversationId, m.Seq }).IsUnique();
            builder.HasIndex(m => new { m.ConversationId, m.ClientKey }).IsUnique().HasFilter("client_key is not null");
            builder.ComplexCollection(m => m.Citations, c => c.ToJson());
            builder.ComplexProperty(m => m.Usage, u => u.ToJson());
            builder.HasOne<Conversation>().WithMany().HasForeignKey(m => m.ConversationId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A marker <c>[Number]</c> of an answer whose quote was found at its place when the answer was finished.</summary>
public sealed class Citation
{
    public required int Number { get; init; }
    public required Guid DocumentId { get; init; }
    public required string DocumentName { get; init; }
    public int? Page { get; init; }
    public required int Start { get; init; }
    public required int End { get; init; }
    public string? Heading { get; init; }
    public required string Quote { get; init; }
}

public sealed partial class Usage
{
    public required int InputTokens { get; init; }
    public required int OutputTokens { get; init; }
    public required bool Estimated { get; init; }
    public int? FirstTokenMilliseconds { get; init; }
    public required int TotalMilliseconds { get; init; }
}
