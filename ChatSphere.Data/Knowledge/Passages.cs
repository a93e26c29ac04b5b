using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Knowledge;

/// <summary>A stretch of a document's extracted text: a page, or for formats without pages a stretch of bounded length. Without gaps, in order.</summary>
public sealed class DocumentPage
{
    public required Guid DocumentId { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>Offset of its first character in the document's text, UTF-16 code units.</summary>
    public required int Start { get; init; }
    public required int Length { get; init; }
    public required string Text { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<DocumentPage>
    {
        public void Configure(EntityTypeBuilder<DocumentPage> builder)
        {
            builder.ToTable("document_pages", "knowledge");
            builder.HasKey(p => new { p.DocumentId, p.Number });
            builder.HasIndex(p => new { p.DocumentId, p.Start });
            builder.HasOne<Document>().WithMany().HasForeignKey(p => p.DocumentId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What is searched for and cited: the document's text from <see cref="Start"/> to <see cref="End"/>, to the letter. Columns <c>tsv</c> and <c>len</c> are made in the database, or where the text is sealed by whoever inserts (<see cref="HiddenWordsSql"/>).</summary>
public sealed class Chunk
{
    public required Guid Id { get; init; }
    public required Guid DocumentId { get; init; }

    /// <summary>The same as the document's; here because every search filters by it before ranking.</summary>
    public required Guid BotId { get; init; }
    public required int Ordinal { get; init; }

    /// <summary>Page on which it starts; null for formats without pages.</summary>
    public int? Page { get; init; }
    public required int Start { get; init; }
    public required int End { get; init; }

    /// <summary>Headings above it, outermost first, joined by <c> › </c>.</summary>
    public string? Heading { get; init; }

    /// <summary>Title and headings, searched with the text.</summary>
    public required string Context { get; init; }
    public required string Text { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Chunk>
    {
        public void Configure(EntityTypeBuilder<Chunk> builder)
        {
            builder.ToTable("chunks", "knowledge");
            builder.HasIndex(c => new { c.DocumentId, c.Ordinal }).IsUnique();
            builder.HasIndex(c => c.BotId);
            builder.HasOne<Document>().WithMany().HasForeignKey(c => c.DocumentId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A chunk's embedding under one model. Changing the model writes a second set beside the first.</summary>
public sealed class ChunkVector
{
    public required Guid ChunkId { get; init; }
    public required string Model { get; init; }
    public required Guid DocumentId { get; init; }

    /// <summary>Of length 1; little-endian 32-bit floats, which load without a conversion.</summary>
    public required byte[] Vector { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ChunkVector>
    {
        public void Configure(EntityTypeBuilder<ChunkVector> builder)
        {
            builder.ToTable("chunk_vectors", "knowledge");
            builder.HasKey(v => new { v.ChunkId, v.Model });
            builder.Property(v => v.Model).HasMaxLength(200);
            builder.HasIndex(v => new { v.DocumentId, v.Model });
            builder.HasOne<Chunk>().WithMany().HasForeignKey(v => v.ChunkId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>
/// The knowledge of one bot as a whole. <see cref="Version"/> counts what became searchable: it is raised under the row's lock in the transaction that marks a
/// document ready, so versions commit in order and a follower that asks for "greater than the last I saw" misses none.
/// </summary>
public sealed class KnowledgeCollection
{
    public required Guid BotId { get; init; }
    public long Version { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<KnowledgeCollection>
    {
        public void Configure(EntityTypeBuilder<KnowledgeCollection> builder)
        {
            builder.ToTable("collections", "knowledge");
            builder.HasKey(c => c.BotId);
        }
    }
}

/// <summary>
/// Proof that the asker may have a bot's knowledge searched. Retrieval takes nothing else, so no search runs without the question of who asks having been put to the database.
/// </summary>
public sealed record KnowledgeScope
{
    internal KnowledgeScope(Guid botId, Guid? conversationId = null) => (BotId, ConversationId) = (botId, conversationId);

    /// <summary>The collection.</summary>
    public Guid BotId { get; }

    /// <summary>Set: and this conversation's own files, which are in no other scope.</summary>
    public Guid? ConversationId { get; }

    /// <summary>The scopes of one collection each.</summary>
    public IReadOnlyList<KnowledgeScope> Collections => ConversationId is { } own ? [new(BotId), new(own)] : [this];
}

public static class KnowledgeQueries
{
    /// <summary>Null when the bot does not exist or the account may not have its knowledge searched.</summary>
    public static async Task<KnowledgeScope?> KnowledgeScopeAsync(this ChatSphereDb db, Guid botId, Guid accountId, CancellationToken cancellationToken) =>
        await db.Bots.KnowledgeUsableBy(db, accountId).AnyAsync(b => b.Id == botId, cancellationToken) ? new KnowledgeScope(botId) : null;

    /// <summary>The scope of a bot already loaded through <see cref="BotQueries.UsableBy"/>.</summary>
    /// <param name="conversationId">The asker's own conversation with it, whose files count as well; loaded through <see cref="ConversationQueries.VisibleTo(IQueryable{Conversation}, Guid)"/>.</param>
    public static KnowledgeScope KnowledgeScope(this Bot usable, Guid? conversationId = null) => new(usable.Id, conversationId);

    /// <summary>The next version, with the collection's row locked until the caller's transaction ends.</summary>
    public static async Task<long> NextKnowledgeVersionAsync(this ChatSphereDb db, Guid botId, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<long>($"""
            insert into knowledge.collections (bot_id, version) values ({botId}, 1)
            on conflict (bot_id) do update set version = knowledge.collections.version + 1
            returning version as "Value"
            """).ToListAsync(cancellationToken))[0];
}
