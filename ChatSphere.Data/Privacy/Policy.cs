using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Privacy;

/// <summary>One version of a text that people agree to. Never changed: a new wording is a new version.</summary>
public sealed class Policy
{
    public required Guid Id { get; init; }

    /// <summary><c>terms</c>, <c>privacy</c> …</summary>
    public required string Kind { get; init; }
    public required int Version { get; init; }
    public required string Title { get; init; }

    /// <summary>Markdown.</summary>
    public required string Text { get; init; }
    public required bool Required { get; init; }
    public required Guid PublishedBy { get; init; }
    public required DateTimeOffset PublishedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Policy>
    {
        public void Configure(EntityTypeBuilder<Policy> builder)
        {
            builder.ToTable("policies", "privacy");
            builder.Property(p => p.Kind).HasMaxLength(32);
            builder.Property(p => p.Title).HasMaxLength(120);

            // Two who publish at once: the second is told, and does not take the first one's number.
            builder.HasIndex(p => new { p.Kind, p.Version }).IsUnique();
        }
    }
}

/// <summary>What somebody said to a version of a text, and when. Only ever added to: the last one holds.</summary>
public sealed class Consent
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid PolicyId { get; init; }

    /// <summary>False: withdrawn or declined.</summary>
    public required bool Given { get; init; }
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Consent>
    {
        public void Configure(EntityTypeBuilder<Consent> builder)
        {
            builder.ToTable("consents", "privacy");
            builder.HasIndex(c => new { c.AccountId, c.Id });
            builder.HasOne<Policy>().WithMany().HasForeignKey(c => c.PolicyId);
        }
    }
}

public static class PolicyQueries
{
    /// <summary>The newest version of each kind.</summary>
    public static IQueryable<Policy> Current(this IQueryable<Policy> policies) => policies.Where(p => !policies.Any(newer => newer.Kind == p.Kind && newer.Version > p.Version));

    /// <summary>Required texts whose current version this person has not accepted, or has not accepted any more.</summary>
    public static IQueryable<Policy> PoliciesDueFor(this ChatSphereDb db, Guid accountId) => db.Policies.Current().Where(p => p.Required
        && !db.Consents.Any(c => c.PolicyId == p.Id && c.AccountId == accountId && c.Given
            && !db.Consents.Any(later => later.PolicyId == p.Id && later.AccountId == accountId && later.Id > c.Id)));

    /// <summary>Adds that the person agrees to current texts; the caller saves. False when one of them is not current, and then nothing is added.</summary>
    public static async Task<bool> AcceptAsync(this ChatSphereDb db, Guid accountId, IReadOnlyCollection<Guid> policyIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var wanted = policyIds.Distinct().ToList();
        if (await db.Policies.Current().CountAsync(p => wanted.Contains(p.Id), cancellationToken) != wanted.Count)
        {
            return false;
        }

        db.Consents.AddRange(wanted.Select(id => new Consent { Id = Guid.CreateVersion7(now), AccountId = accountId, PolicyId = id, Given = true, At = now }));
        return true;
    }
}
