using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Messaging;

/// <summary>An event that was stored with its change and waits to be published. No foreign keys lead here; the key begins with time, so the table can be partitioned by it.</summary>
public sealed class OutboxMessage
{
    /// <summary>A UUIDv7; also the inbox key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The wire name.</summary>
    public required string Type { get; init; }
    public required string OrderingKey { get; init; }

    /// <summary>JSON.</summary>
    public required string Payload { get; init; }

    /// <summary>W3C trace context of the change.</summary>
    public string? TraceParent { get; init; }
    public required DateTimeOffset OccurredAt { get; init; }
    public DateTimeOffset? PublishedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<OutboxMessage>
    {
        public void Configure(EntityTypeBuilder<OutboxMessage> builder)
        {
            builder.ToTable("outbox", "messaging");
            builder.Property(m => m.Type).HasMaxLength(120);
            builder.Property(m => m.OrderingKey).HasMaxLength(100);
            builder.Property(m => m.TraceParent).HasMaxLength(60);

            // The relay's query: what is not published, oldest first.
            builder.HasIndex(m => m.Id).HasFilter("published_at is null").HasDatabaseName("ix_outbox_unpublished");
            builder.HasIndex(m => m.PublishedAt);
        }
    }
}

/// <summary>That a handler has dealt with an event. Inserted in the handler's own transaction, so a second delivery has no second effect.</summary>
public sealed class InboxMessage
{
    public required Guid EventId { get; init; }
    public required string Handler { get; init; }
    public required DateTimeOffset HandledAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<InboxMessage>
    {
        public void Configure(EntityTypeBuilder<InboxMessage> builder)
        {
            builder.ToTable("inbox", "messaging");
            builder.HasKey(m => new { m.EventId, m.Handler });
            builder.Property(m => m.Handler).HasMaxLength(100);
            builder.HasIndex(m => m.HandledAt);
        }
    }
}

/// <summary>An event that a handler could not deal with, kept for people to look at and replay.</summary>
public sealed class DeadLetter
{
    public required Guid EventId { get; init; }
    public required string Handler { get; init; }
    public required string Type { get; init; }
    public required string Payload { get; init; }
    public required string Reason { get; init; }
    public required int Attempts { get; init; }
    public required DateTimeOffset DiedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<DeadLetter>
    {
        public void Configure(EntityTypeBuilder<DeadLetter> builder)
        {
            builder.ToTable("dead_letters", "messaging");
            builder.HasKey(m => new { m.EventId, m.Handler });
            builder.Property(m => m.Handler).HasMaxLength(100);
            builder.Property(m => m.Type).HasMaxLength(120);
            builder.Property(m => m.Reason).HasMaxLength(2000);
        }
    }
}
