using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Knowledge;

/// <summary>Stages of ingestion; stored as text. The same words as on the wire.</summary>
public enum DocumentStage
{
    Queued,
    Extracting,
    Chunking,
    Embedding,
    Ready,
    Failed,
    Cancelled,
}

/// <summary>A file that a bot, or one conversation, knows, and how far it has been read.</summary>
public sealed class Document : Entity
{
    private Document()
    {
    }

    /// <summary>
    /// Whose knowledge it is: the collection that searches are made in. A conversation's own files are in a collection under the conversation's id, so nothing that asks for a
    /// bot's documents can find them.
    /// </summary>
    public Guid BotId { get; private init; }

    /// <summary>Set: knowledge of this conversation only, and the same as <see cref="BotId"/>.</summary>
    public Guid? ConversationId { get; private init; }
    public Guid UploadedBy { get; private init; }
    public string Name { get; private set; } = "";

    /// <summary>Of the bytes as uploaded, hex; also the blob's address.</summary>
    public string Sha256 { get; private init; } = "";
    public long Size { get; private init; }
    public string? ContentType { get; set; }
    public DocumentStage Stage { get; private set; }
    public bool HasPages { get; set; }
    public int? PagesTotal { get; set; }
    public int PagesDone { get; set; }

    /// <summary>Of the extracted text, UTF-16 code units.</summary>
    public int? Characters { get; set; }
    public int ChunksTotal { get; set; }
    public int ChunksDone { get; set; }
    public string? FailureCode { get; private set; }
    public string? Reason { get; private set; }

    /// <summary>The collection's version in which it became searchable; null before.</summary>
    public long? IndexVersion { get; private set; }

    /// <summary>Whose vectors it has.</summary>
    public string? EmbeddingModel { get; set; }

    /// <summary>The process that works on it, and until when it may be believed to be alive.</summary>
    public string? LeasedBy { get; private set; }
    public DateTimeOffset? LeasedUntil { get; private set; }

    /// <summary>How often work on it began since it was last queued.</summary>
    public int Attempts { get; private set; }
    public DateTimeOffset StageSince { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; set; }

    public bool IsFinal => Stage is DocumentStage.Ready or DocumentStage.Failed or DocumentStage.Cancelled;

    public static Document Queue(Guid botId, Guid uploadedBy, string name, string sha256, long size, DateTimeOffset now)
    {
        var document = new Document
        {
            Id = Guid.CreateVersion7(now),
            BotId = botId,
            UploadedBy = uploadedBy,
            Name = name,
            Sha256 = sha256,
            Size = size,
            CreatedAt = now,
            UpdatedAt = now,
            StageSince = now,
        };
        document.Raise(new DocumentQueued(document.Id, botId));
        return document;
    }

    /// <summary>For one conversation's own knowledge.</summary>
    public static Document QueueFor(Conversation conversation, string name, string sha256, long size, DateTimeOffset now)
    {
        var document = new Document
        {
            Id = Guid.CreateVersion7(now),
            BotId = conversation.Id,
            ConversationId = conversation.Id,
            UploadedBy = conversation.OwnerId,
            Name = name,
            Sha256 = sha256,
            Size = size,
            CreatedAt = now,
            UpdatedAt = now,
            StageSince = now,
        };
        document.Raise(new DocumentQueued(document.Id, document.BotId));
        return document;
    }

    public void Enter(DocumentStage stage, DateTimeOffset now)
    {
        Stage = stage;
        StageSince = now;
        UpdatedAt = now;
    }

    /// <summary>False when it has come to an end or another live process works on it.</summary>
    public bool TryLease(string worker, DateTimeOffset now, TimeSpan duration)
    {
        if (IsFinal || (LeasedUntil > now && LeasedBy != worker))
        {
            return false;
        }

        LeasedBy = worker;
        LeasedUntil = now + duration;
        Attempts++;
        return true;
    }

    public void ReleaseLease()
    {
        LeasedBy = null;
        LeasedUntil = null;
    }

    public void MarkReady(long indexVersion, DateTimeOffset now)
    {
        IndexVersion = indexVersion;
        FailureCode = null;
        Reason = null;
        ReleaseLease();
        Enter(DocumentStage.Ready, now);
        Raise(new DocumentReady(Id, BotId));
    }

    public void Fail(string code, string reason, DateTimeOffset now)
    {
        FailureCode = code;
        Reason = reason;
        ReleaseLease();
        Enter(DocumentStage.Failed, now);
        Raise(new DocumentFailed(Id, BotId));
    }

    /// <summary>False when it has come to an end already.</summary>
    public bool Cancel(DateTimeOffset now)
    {
        if (IsFinal)
        {
            return false;
        }

        ReleaseLease();
        Enter(DocumentStage.Cancelled, now);
        Raise(new DocumentCancelled(Id, BotId));
        return true;
    }

    /// <summary>From the start again. False unless it failed or was cancelled.</summary>
    public bool Retry(DateTimeOffset now)
    {
        if (Stage is not (DocumentStage.Failed or DocumentStage.Cancelled))
        {
            return false;
        }

        (FailureCode, Reason, PagesTotal, PagesDone, Characters, ChunksTotal, ChunksDone, Attempts) = (null, null, null, 0, null, 0, 0, 0);
        Enter(DocumentStage.Queued, now);
        Raise(new DocumentQueued(Id, BotId));
        return true;
    }

    /// <summary>Nobody seems to work on it: ask for it once more. The stage stays, so that what is done need not be done again.</summary>
    public void QueueAgain(DateTimeOffset now)
    {
        ReleaseLease();
        UpdatedAt = now;
        Raise(new DocumentQueued(Id, BotId));
    }

    public void Delete() => Raise(new DocumentDeleted(Id, BotId, UploadedBy, Sha256));

    internal sealed class Mapping : IEntityTypeConfiguration<Document>
    {
        public void Configure(EntityTypeBuilder<Document> builder)
        {
            builder.ToTable("documents", "knowledge");
            builder.Property(d => d.Name).HasMaxLength(255);
            builder.Property(d => d.Sha256).HasMaxLength(64);
            builder.Property(d => d.ContentType).HasMaxLength(100);
            builder.Property(d => d.FailureCode).HasMaxLength(64);
            builder.Property(d => d.EmbeddingModel).HasMaxLength(200);
            builder.Property(d => d.LeasedBy).HasMaxLength(100);
            builder.Ignore(d => d.IsFinal);

            // The same bytes twice are the same document.
            builder.HasIndex(d => new { d.BotId, d.Sha256 }).IsUnique();
            builder.HasIndex(d => new { d.BotId, d.Id });

            // Is a blob still used? And: what has nobody worked on for too long?
            builder.HasIndex(d => d.Sha256);
            builder.HasIndex(d => d.LeasedUntil).HasFilter("stage not in ('Ready','Failed','Cancelled')");

            // Collections of conversations that are gone.
            builder.HasIndex(d => d.ConversationId).HasFilter("conversation_id is not null");

            // Followed by every node's vector index.
            builder.HasIndex(d => new { d.BotId, d.IndexVersion });

            // Also guards against two writers: a cancel during ingestion makes the ingester's next save fail.
            builder.Property<uint>("xmin").IsRowVersion();
        }
    }
}

[EventName("knowledge.document-queued.v1")]
public sealed record DocumentQueued(Guid DocumentId, Guid BotId) : IDomainEvent
{
    public string OrderingKey => DocumentId.ToString();
}

[EventName("knowledge.document-ready.v1")]
public sealed record DocumentReady(Guid DocumentId, Guid BotId) : IDomainEvent
{
    public string OrderingKey => DocumentId.ToString();
}

[EventName("knowledge.document-failed.v1")]
public sealed record DocumentFailed(Guid DocumentId, Guid BotId) : IDomainEvent
{
    public string OrderingKey => DocumentId.ToString();
}

[EventName("knowledge.document-cancelled.v1")]
public sealed record DocumentCancelled(Guid DocumentId, Guid BotId) : IDomainEvent
{
    public string OrderingKey => DocumentId.ToString();
}

/// <summary>The row is gone, and with it pages, chunks and vectors; the blob may be unused now.</summary>
[EventName("knowledge.document-deleted.v1")]
public sealed record DocumentDeleted(Guid DocumentId, Guid BotId, Guid UploadedBy, string Sha256) : IDomainEvent
{
    public string OrderingKey => DocumentId.ToString();
}

public static class DocumentQueries
{
    public static IQueryable<Document> VisibleTo(this IQueryable<Document> documents, ChatSphereDb db, Guid accountId) =>
        documents.Where(d => db.Bots.KnowledgeVisibleTo(db, accountId).Any(b => b.Id == d.BotId)
            || (d.ConversationId != null && db.Conversations.Any(c => c.Id == d.ConversationId && c.OwnerId == accountId)));

    public static IQueryable<Document> EditableBy(this IQueryable<Document> documents, ChatSphereDb db, Guid accountId) =>
        documents.Where(d => db.Bots.KnowledgeEditableBy(db, accountId).Any(b => b.Id == d.BotId)
            || (d.ConversationId != null && db.Conversations.Any(c => c.Id == d.ConversationId && c.OwnerId == accountId)));
}
