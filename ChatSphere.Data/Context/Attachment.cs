using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Context;

public enum AttachmentKind
{
    /// <summary>Shown to models that see.</summary>
    Image,

    /// <summary>Knowledge of its conversation and of no other.</summary>
    File,
}

/// <summary>
/// What a person gave to one conversation. An image is kept as we rewrote it; a file is a <see cref="Knowledge.Document"/> in a collection of the conversation's own. There is no
/// foreign key on the conversation: a row that outlives it is how the Worker learns what else is to be removed.
/// </summary>
public sealed class Attachment : Entity
{
    private Attachment()
    {
    }

    public Guid ConversationId { get; private init; }
    public Guid OwnerId { get; private init; }

    /// <summary>The question that it was sent with; null: not sent yet.</summary>
    public Guid? MessageId { get; private set; }
    public AttachmentKind Kind { get; private init; }
    public string Name { get; private init; } = "";
    public string ContentType { get; private init; } = "";
    public long Size { get; private init; }
    public int? Width { get; private init; }
    public int? Height { get; private init; }

    /// <summary>The blob's address.</summary>
    public string Sha256 { get; private init; } = "";
    public Guid? DocumentId { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    public static Attachment Image(Conversation conversation, string name, string contentType, StoredBlob blob, int width, int height, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ConversationId = conversation.Id,
        OwnerId = conversation.OwnerId,
        Kind = AttachmentKind.Image,
        Name = name,
        ContentType = contentType,
        Size = blob.Size,
        Width = width,
        Height = height,
        Sha256 = blob.Sha256,
        CreatedAt = now,
    };

    public static Attachment File(Conversation conversation, string name, StoredBlob blob, Guid documentId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ConversationId = conversation.Id,
        OwnerId = conversation.OwnerId,
        Kind = AttachmentKind.File,
        Name = name,
        ContentType = "application/octet-stream",
        Size = blob.Size,
        Sha256 = blob.Sha256,
        DocumentId = documentId,
        CreatedAt = now,
    };

    public void SendWith(Guid messageId) => MessageId = messageId;

    /// <summary>It is about to be removed: what belongs to it goes too.</summary>
    public void Drop() => Raise(new AttachmentDropped(Id, DocumentId, Sha256));

    internal sealed class Mapping : IEntityTypeConfiguration<Attachment>
    {
        public void Configure(EntityTypeBuilder<Attachment> builder)
        {
            builder.ToTable("attachments", "conversations");
            builder.Property(a => a.Name).HasMaxLength(255);
            builder.Property(a => a.ContentType).HasMaxLength(100);
            builder.Property(a => a.Sha256).HasMaxLength(64);
            builder.HasIndex(a => a.ConversationId);
            builder.HasIndex(a => a.OwnerId);

            // Is a blob still used?
            builder.HasIndex(a => a.Sha256);

            // What was never sent.
            builder.HasIndex(a => a.CreatedAt).HasFilter("message_id is null");
        }
    }
}

/// <summary>The row is gone; its document, or its file, may go.</summary>
[EventName("context.attachment-dropped.v1")]
public sealed record AttachmentDropped(Guid AttachmentId, Guid? DocumentId, string Sha256) : IDomainEvent
{
    public string OrderingKey => AttachmentId.ToString();
}

public static class AttachmentQueries
{
    public static IQueryable<Attachment> VisibleTo(this IQueryable<Attachment> attachments, ChatSphereDb db, Guid accountId) =>
        attachments.Where(a => a.OwnerId == accountId && db.Conversations.Any(c => c.Id == a.ConversationId && c.OwnerId == accountId));

    /// <summary>Those whose conversation is gone, and those that were uploaded before a time and never sent.</summary>
    public static IQueryable<Attachment> Abandoned(this ChatSphereDb db, DateTimeOffset before) =>
        db.Attachments.Where(a => !db.Conversations.Any(c => c.Id == a.ConversationId) || (a.MessageId == null && a.CreatedAt < before));

    /// <summary>What an account's attachments, in conversations and channels, take of its storage.</summary>
    public static async Task<long> AttachmentBytesOf(this ChatSphereDb db, Guid ownerId, CancellationToken cancellationToken) =>
        (await db.Attachments.Where(a => a.OwnerId == ownerId).SumAsync(a => (long?)a.Size, cancellationToken) ?? 0)
        + (await db.ChannelAttachments.Where(a => a.AccountId == ownerId).SumAsync(a => (long?)a.Size, cancellationToken) ?? 0);
}
