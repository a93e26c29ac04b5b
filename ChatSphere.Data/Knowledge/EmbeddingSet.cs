using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Knowledge;

/// <summary>Who makes the vectors.</summary>
public enum EmbeddingSource
{
    /// <summary>Nobody: passages are found by their words alone.</summary>
    None,

    /// <summary>This program, without a model.</summary>
    BuiltIn,

    /// <summary>A model behind a connection.</summary>
    Provider,
}

public enum EmbeddingSetState
{
    /// <summary>In the shadow: written, and not searched. One at most.</summary>
    Building,

    /// <summary>The one that is searched. None: the one that the configuration names.</summary>
    Active,

    /// <summary>Was searched before; its vectors go after a while in which nodes may still read them.</summary>
    Retired,
    Failed,
    Cancelled,
}

/// <summary>All passages' vectors under one choice of model. Each choice makes a set of its own, also of a model that was chosen before: a set is never half of one and half of another.</summary>
public sealed class EmbeddingSet
{
    public required Guid Id { get; init; }

    /// <summary><see cref="ChunkVector.Model"/> of its vectors.</summary>
    public required string Key { get; init; }
    public required EmbeddingSource Source { get; init; }

    /// <summary>A connection made while the system runs; null: the one that the configuration has under <see cref="ConnectionName"/>.</summary>
    public Guid? ConnectionId { get; init; }
    public string? ConnectionName { get; init; }
    public string? Model { get; init; }

    /// <summary>As the model made them when it was tried.</summary>
    public int? Dimensions { get; init; }
    public required EmbeddingSetState State { get; init; }

    /// <summary>Of the passages of ready documents; follows the truth at some distance while it is built.</summary>
    public int PassagesTotal { get; init; }
    public int PassagesDone { get; init; }

    /// <summary>Which the model would not take; they are found by their words.</summary>
    public int PassagesRefused { get; init; }

    /// <summary>As the provider counted, where it does.</summary>
    public long TokensRead { get; init; }

    /// <summary>What keeps it from going on at this moment. Holds nothing that a provider sent.</summary>
    public string? Trouble { get; init; }
    public DateTimeOffset? FailingSince { get; init; }
    public string? FailureReason { get; init; }

    /// <summary>The process that builds it, and until when it may be believed to be alive.</summary>
    public string? LeasedBy { get; init; }
    public DateTimeOffset? LeasedUntil { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? ActiveSince { get; init; }

    /// <summary>When it failed, was cancelled or made room for another.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? VectorsRemovedAt { get; init; }

    /// <summary>Readable, and not the same for two sets.</summary>
    public static string KeyOf(Guid id, string? model)
    {
        var text = id.ToString("n");
        return $"{(model is { Length: > 160 } ? model[..160] : model ?? "none")}#{text[^12..]}";
    }

    internal sealed class Mapping : IEntityTypeConfiguration<EmbeddingSet>
    {
        public void Configure(EntityTypeBuilder<EmbeddingSet> builder)
        {
            builder.ToTable("embedding_sets", "knowledge");
            builder.Property(s => s.Key).HasMaxLength(200);
            builder.Property(s => s.ConnectionName).HasMaxLength(100);
            builder.Property(s => s.Model).HasMaxLength(200);
            builder.Property(s => s.Trouble).HasMaxLength(400);
            builder.Property(s => s.FailureReason).HasMaxLength(400);
            builder.Property(s => s.LeasedBy).HasMaxLength(100);
            builder.HasIndex(s => s.Key).IsUnique();

            // Of two administrators who choose at once, and of two Workers who switch, one does.
            builder.HasIndex(s => s.State, "ix_embedding_sets_building").IsUnique().HasFilter("state = 'Building'");
            builder.HasIndex(s => s.State, "ix_embedding_sets_active").IsUnique().HasFilter("state = 'Active'");
        }
    }
}

/// <summary>A passage that the model of a set would not take, so that the set can be whole without it.</summary>
public sealed class EmbeddingRefusal
{
    public required Guid SetId { get; init; }
    public required Guid ChunkId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<EmbeddingRefusal>
    {
        public void Configure(EntityTypeBuilder<EmbeddingRefusal> builder)
        {
            builder.ToTable("embedding_refusals", "knowledge");
            builder.HasKey(r => new { r.ChunkId, r.SetId });
            builder.HasIndex(r => r.SetId);
            builder.HasOne<Chunk>().WithMany().HasForeignKey(r => r.ChunkId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<EmbeddingSet>().WithMany().HasForeignKey(r => r.SetId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class EmbeddingSetQueries
{
    private const string Lock = "knowledge.embedding-switch";

    /// <summary>Until the caller's transaction ends, no other set becomes active: a document is ready with the vectors that searches look for, or not yet ready.</summary>
    public static Task HoldEmbeddingsAsync(this ChatSphereDb db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock_shared(hashtextextended({Lock}, 0))", cancellationToken);

    /// <summary>Until the caller's transaction ends, no document becomes ready.</summary>
    public static Task LockEmbeddingsAsync(this ChatSphereDb db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({Lock}, 0))", cancellationToken);

    /// <summary>The active set makes room, under the caller's <see cref="LockEmbeddingsAsync"/>.</summary>
    /// <param name="configured">What the configuration names, which is active as long as nothing was ever chosen and has no row until now.</param>
    public static async Task RetireActiveEmbeddingsAsync(this ChatSphereDb db, EmbeddingSet configured, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configured);
        if (await db.EmbeddingSets.Where(s => s.State == EmbeddingSetState.Active)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, EmbeddingSetState.Retired).SetProperty(x => x.EndedAt, now), cancellationToken) == 0)
        {
            db.EmbeddingSets.Add(configured);
        }
    }
}
