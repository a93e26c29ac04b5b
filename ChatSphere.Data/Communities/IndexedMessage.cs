using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NpgsqlTypes;

namespace ChatSphere.Data.Communities;

[Flags]
public enum MessageHolds : short
{
    None = 0,
    Link = 1,
    File = 2,
    Image = 4,
    Poll = 8,
}

/// <summary>
/// The words of a message, for the search. Made by the Worker after the message; a trigger removes it in the transaction that changes or deletes the text, so nothing is found
/// by what it does not say any more. Where content is stored sealed there are none: an index would say what the message says. See docs/adr/0027.
/// </summary>
public sealed class IndexedMessage
{
    public required Guid MessageId { get; init; }
    public required Guid ChannelId { get; init; }

    /// <summary>Whose overwrites decide who may see it: of a thread its channel, which never changes.</summary>
    public required Guid RightsChannelId { get; init; }
    public Guid? ServerId { get; init; }
    public required Guid AuthorId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required MessageHolds Holds { get; init; }

    /// <summary>Name of the text search configuration that its words were stemmed by; <c>simple</c> when the language was not told.</summary>
    public required string Language { get; init; }

    /// <summary>The words as they are, and behind them as stems.</summary>
    public required NpgsqlTsVector Words { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<IndexedMessage>
    {
        public void Configure(EntityTypeBuilder<IndexedMessage> builder)
        {
            builder.ToTable("message_search", "communities");
            builder.HasKey(m => m.MessageId);
            builder.Property(m => m.Language).HasMaxLength(32);
            builder.Property(m => m.Holds).HasConversion<short>();

            // Rare words.
            builder.HasIndex(m => m.Words).HasMethod("gin");

            // Frequent words and none: read backwards until the page is full.
            builder.HasIndex(m => new { m.CreatedAt, m.MessageId });
            builder.HasIndex(m => new { m.RightsChannelId, m.CreatedAt, m.MessageId });
            builder.HasIndex(m => new { m.AuthorId, m.CreatedAt });
            builder.HasOne<ChannelMessage>().WithMany().HasForeignKey(m => m.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class MessageSearchSql
{
    /// <summary>Sealing anew changes the stored text too: then what was indexed plain goes, and what is plain again is found missing and indexed.</summary>
    public const string Up = """
        create function communities.message_unindexed() returns trigger language plpgsql as $$ begin delete from communities.message_search where message_id = new.id; return null; end $$;
        create trigger message_unindexed after update of content, deleted_at on communities.messages for each row when (old.content is distinct from new.content or old.deleted_at is distinct from new.deleted_at) execute function communities.message_unindexed();
        """;
}

/// <summary>Derived from messages, which are exported where they are; goes with them.</summary>
public sealed class MessageSearchPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "message-search";

    public IReadOnlyList<Type> Owns => [typeof(IndexedMessage)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken) =>
        await db.IndexedMessages.Where(m => m.AuthorId == accountId).ExecuteDeleteAsync(cancellationToken);
}
