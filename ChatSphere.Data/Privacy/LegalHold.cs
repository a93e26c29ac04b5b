using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Privacy;

/// <summary>Nothing of this account is deleted: not by retention, not by erasure, not by the person.</summary>
public sealed class LegalHold
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required string Reason { get; init; }
    public required Guid PlacedBy { get; init; }
    public required DateTimeOffset PlacedAt { get; init; }
    public DateTimeOffset? LiftedAt { get; init; }
    public Guid? LiftedBy { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<LegalHold>
    {
        public void Configure(EntityTypeBuilder<LegalHold> builder)
        {
            builder.ToTable("legal_holds", "privacy");
            builder.Property(h => h.Reason).HasMaxLength(400);
            builder.HasIndex(h => h.AccountId).HasFilter("lifted_at is null");
        }
    }
}

public static class LegalHoldQueries
{
    /// <summary>Ids of the accounts of which nothing may be deleted.</summary>
    public static IQueryable<Guid> HeldAccounts(this ChatSphereDb db) => db.LegalHolds.Where(h => h.LiftedAt == null).Select(h => h.AccountId);

    public static Task<bool> IsHeldAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) => db.HeldAccounts().AnyAsync(id => id == accountId, cancellationToken);

    /// <summary>Whether the bot's owner, or whoever gave it a document, is under a hold.</summary>
    public static Task<bool> HoldsBotAsync(this ChatSphereDb db, Guid botId, CancellationToken cancellationToken) => db.HeldAccounts().AnyAsync(
        id => db.Bots.Any(b => b.Id == botId && b.OwnerId == id) || db.Documents.Any(d => d.BotId == botId && d.UploadedBy == id), cancellationToken);

    /// <summary>Whether whoever gave the document, the bot's owner or whoever wants to delete it is under a hold.</summary>
    public static Task<bool> HoldsDocumentAsync(this ChatSphereDb db, Document document, Guid actorId, CancellationToken cancellationToken) => db.HeldAccounts().AnyAsync(
        id => id == actorId || id == document.UploadedBy || db.Bots.Any(b => b.Id == document.BotId && b.OwnerId == id), cancellationToken);

    /// <summary>Holds and erasures of one account take turns, until the caller's transaction ends.</summary>
    public static async Task LockPrivacyAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"privacy " + accountId}, 0))", cancellationToken);
}
