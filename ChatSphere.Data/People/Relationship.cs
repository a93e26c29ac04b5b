using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.People;

/// <summary>Friendship of two people, or one's request for it. One row for a pair, whoever asked, so that crossing requests meet in it.</summary>
public sealed class Relationship : Entity
{
    private Relationship()
    {
    }

    /// <summary>The smaller of the two ids, by the order of their text.</summary>
    public Guid LowId { get; private init; }
    public Guid HighId { get; private init; }
    public Guid RequestedBy { get; private init; }

    /// <summary>Null: asked, not answered.</summary>
    public DateTimeOffset? AcceptedAt { get; private set; }

    /// <summary>When it became what it is.</summary>
    public DateTimeOffset Since { get; private set; }

    public static Relationship Request(Guid from, Guid to, DateTimeOffset now)
    {
        var (low, high) = Pair(from, to);
        var asked = new Relationship { Id = Guid.CreateVersion7(now), LowId = low, HighId = high, RequestedBy = from, Since = now };
        asked.Tell();
        return asked;
    }

    public void Accept(DateTimeOffset now)
    {
        AcceptedAt = now;
        Since = now;
        Tell();
    }

    /// <summary>Declined, taken back, or no longer friends; the caller removes it.</summary>
    public void End() => Tell();

    public Guid OtherThan(Guid accountId) => LowId == accountId ? HighId : LowId;

    public static (Guid Low, Guid High) Pair(Guid one, Guid other) => string.CompareOrdinal(one.ToString(), other.ToString()) < 0 ? (one, other) : (other, one);

    private void Tell() => Raise(new RelationshipChanged(LowId, HighId));

    internal sealed class Mapping : IEntityTypeConfiguration<Relationship>
    {
        public void Configure(EntityTypeBuilder<Relationship> builder)
        {
            builder.ToTable("relationships", "people");
            builder.HasIndex(r => new { r.LowId, r.HighId }).IsUnique();
            builder.HasIndex(r => r.HighId);
            builder.HasOne<Account>().WithMany().HasForeignKey(r => r.LowId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Account>().WithMany().HasForeignKey(r => r.HighId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>One person wants to have nothing to do with another, who is not told.</summary>
public sealed class Block
{
    public required Guid BlockerId { get; init; }
    public required Guid BlockedId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Block>
    {
        public void Configure(EntityTypeBuilder<Block> builder)
        {
            builder.ToTable("blocks", "people");
            builder.HasKey(b => new { b.BlockerId, b.BlockedId });
            builder.HasIndex(b => b.BlockedId);
            builder.HasOne<Account>().WithMany().HasForeignKey(b => b.BlockerId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Account>().WithMany().HasForeignKey(b => b.BlockedId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

[EventName("people.relationship-changed.v1")]
public sealed record RelationshipChanged(Guid LowId, Guid HighId) : IDomainEvent
{
    public string OrderingKey => $"{LowId}{HighId}";
}

public static class RelationshipQueries
{
    public static IQueryable<Relationship> Between(this IQueryable<Relationship> relationships, Guid one, Guid other)
    {
        var (low, high) = Relationship.Pair(one, other);
        return relationships.Where(r => r.LowId == low && r.HighId == high);
    }

    public static IQueryable<Relationship> Of(this IQueryable<Relationship> relationships, Guid accountId) => relationships.Where(r => r.LowId == accountId || r.HighId == accountId);

    /// <summary>The ids of an account's friends.</summary>
    public static IQueryable<Guid> FriendsOf(this ChatSphereDb db, Guid accountId) =>
        db.Relationships.Of(accountId).Where(r => r.AcceptedAt != null).Select(r => r.LowId == accountId ? r.HighId : r.LowId);

    /// <summary>People whom an account may find: no programs, nobody who is disabled, nobody of whom one blocks the other, and by each one's own wish. Friends always.</summary>
    public static IQueryable<Account> FindableBy(this ChatSphereDb db, Guid accountId) => db.NotBlocked(accountId).Where(a =>
        !db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanFindMe != Audience.Everyone) || db.FriendsOf(accountId).Contains(a.Id));

    /// <summary>People whose profile an account may see: whom it may find, who asked it or was asked, and itself.</summary>
    public static IQueryable<Account> ProfilesVisibleTo(this ChatSphereDb db, Guid accountId) => db.NotBlocked(accountId).Where(a =>
        a.Id == accountId || !db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanFindMe != Audience.Everyone)
        || db.Relationships.Any(r => (r.LowId == accountId && r.HighId == a.Id) || (r.HighId == accountId && r.LowId == a.Id)));

    /// <summary>Holds off everything else between these two until the caller's transaction ends.</summary>
    public static async Task LockPairAsync(this ChatSphereDb db, Guid one, Guid other, CancellationToken cancellationToken)
    {
        var (low, high) = Relationship.Pair(one, other);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"pair:{low}:{high}"}, 0))", cancellationToken);
    }

    private static IQueryable<Account> NotBlocked(this ChatSphereDb db, Guid accountId) => db.Users.Where(a =>
        a.Kind == AccountKind.Person && a.DisabledAt == null
        && !db.Blocks.Any(b => (b.BlockerId == a.Id && b.BlockedId == accountId) || (b.BlockerId == accountId && b.BlockedId == a.Id)));
}
