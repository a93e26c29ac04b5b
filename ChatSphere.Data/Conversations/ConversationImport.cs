using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

public enum ImportState
{
    Queued,
    Running,
    Done,
    Failed,
}

/// <summary>Conversations from elsewhere, brought in from one file in the background. What is in already is known by the id that it had there, so it may be begun again at any time.</summary>
public sealed class ConversationImport : Entity
{
    private ConversationImport()
    {
    }

    public Guid OwnerId { get; private init; }
    public Guid BotId { get; private init; }
    public string Sha256 { get; private init; } = "";
    public long Size { get; private init; }
    public ImportState State { get; set; }

    /// <summary>Of what is to be read; of a ZIP file, what it unpacks to.</summary>
    public int Percent { get; set; }
    public int Imported { get; set; }
    public int AlreadyThere { get; set; }
    public int Skipped { get; set; }

    /// <summary>Why some were passed over or shortened: at most <see cref="MostNotes"/>, without anything that was written.</summary>
    public List<string> Notes { get; set; } = [];

    /// <summary>Why nothing more could be read.</summary>
    public string? Failure { get; set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Until then a Worker is at it.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    public const int MostNotes = 50;

    public static ConversationImport Queue(Guid ownerId, Guid botId, string sha256, long size, DateTimeOffset now)
    {
        var import = new ConversationImport { Id = Guid.CreateVersion7(now), OwnerId = ownerId, BotId = botId, Sha256 = sha256, Size = size, CreatedAt = now };
        import.Raise(new ImportQueued(import.Id));
        return import;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<ConversationImport>
    {
        public void Configure(EntityTypeBuilder<ConversationImport> builder)
        {
            builder.ToTable("imports", "conversations");
            builder.Property(i => i.Sha256).HasMaxLength(64);
            builder.Property(i => i.Failure).HasMaxLength(300);
            builder.HasIndex(i => new { i.OwnerId, i.Id });
            builder.HasIndex(i => i.Sha256);

            // One at a time for each person.
            builder.HasIndex(i => i.OwnerId).IsUnique().HasFilter("state in ('Queued','Running')").HasDatabaseName("ix_imports_running");
        }
    }
}

[EventName("conversations.import-queued.v1")]
public sealed record ImportQueued(Guid ImportId) : IDomainEvent
{
    public string OrderingKey => ImportId.ToString();
}
