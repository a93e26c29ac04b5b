using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Context;

public enum MemoryMode
{
    Off,

    /// <summary>Each is proposed, and kept when the person says so.</summary>
    Ask,
    Automatic,
}

public enum MemoryState
{
    /// <summary>Used by nobody until the person keeps it.</summary>
    Proposed,
    Kept,
}

/// <summary>A fact about a person, in one sentence, that bots may know in later conversations.</summary>
public sealed class Memory
{
    public const int MaxLength = 300;
    public const int MaxKept = 200;
    public const int MaxProposed = 20;

    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required string Text { get; set; }
    public required MemoryState State { get; set; }

    /// <summary>Where it was said; null: the person wrote it down, or the conversation is gone.</summary>
    public Guid? ConversationId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Memory>
    {
        public void Configure(EntityTypeBuilder<Memory> builder)
        {
            builder.ToTable("memories", "context");
            builder.HasIndex(m => new { m.AccountId, m.Id });
            builder.HasOne<Accounts.Account>().WithMany().HasForeignKey(m => m.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>Whether a person has memory switched on. No row: off.</summary>
public sealed class MemoryPreference
{
    public required Guid AccountId { get; init; }
    public required MemoryMode Mode { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<MemoryPreference>
    {
        public void Configure(EntityTypeBuilder<MemoryPreference> builder)
        {
            builder.ToTable("memory_preferences", "context");
            builder.HasKey(p => p.AccountId);
            builder.HasOne<Accounts.Account>().WithOne().HasForeignKey<MemoryPreference>(p => p.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class MemoryQueries
{
    public static async Task<MemoryMode> MemoryModeOfAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) =>
        await db.MemoryPreferences.Where(p => p.AccountId == accountId).Select(p => (MemoryMode?)p.Mode).SingleOrDefaultAsync(cancellationToken) ?? MemoryMode.Off;

    /// <summary>One at a time for an account, until the caller's transaction ends: limits and doubles are decided by what is there.</summary>
    public static Task LockMemoriesAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"memories:" + accountId}, 0))", cancellationToken);
}
