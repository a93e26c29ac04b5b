using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Privacy;

public enum ExportState
{
    Queued,
    Running,
    Ready,
    Failed,
}

/// <summary>Everything that an account has, in one ZIP file, made in the background and kept for some days. At most one is being made for an account.</summary>
public sealed class DataExport : Entity
{
    private DataExport()
    {
    }

    public Guid AccountId { get; private init; }

    /// <summary>The account itself, or the administrator who did it for them.</summary>
    public Guid RequestedBy { get; private init; }
    public ExportState State { get; private init; }
    public int Percent { get; private init; }

    /// <summary>Of the ZIP file as downloaded.</summary>
    public long? Size { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? ReadyAt { get; private init; }
    public DateTimeOffset? ExpiresAt { get; private init; }

    public static DataExport Request(Guid accountId, Guid requestedBy, DateTimeOffset now)
    {
        var export = new DataExport { Id = Guid.CreateVersion7(now), AccountId = accountId, RequestedBy = requestedBy, CreatedAt = now };
        export.Raise(new DataExportRequested(export.Id));
        return export;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<DataExport>
    {
        public void Configure(EntityTypeBuilder<DataExport> builder)
        {
            builder.ToTable("exports", "privacy");
            builder.HasIndex(e => new { e.AccountId, e.Id });

            // One at a time, whoever asks on whichever node.
            builder.HasIndex(e => e.AccountId).IsUnique().HasFilter("state in ('Queued','Running')").HasDatabaseName("ix_exports_running");
            builder.HasIndex(e => e.ExpiresAt);
        }
    }
}

[EventName("privacy.export-requested.v1")]
public sealed record DataExportRequested(Guid ExportId) : IDomainEvent
{
    public string OrderingKey => ExportId.ToString();
}
