using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Sharing;

/// <summary>What is shared. Knowledge has no id of its own yet: it is the documents of the bot with the same id (docs/adr/0010).</summary>
public enum ShareOf
{
    Bot,
    Knowledge,
    Prompt,
}

public enum GranteeKind
{
    Person,
    Group,
    Everyone,
}

/// <summary>Each includes those before it.</summary>
public enum ShareRight
{
    View,
    Use,
    Edit,
}

/// <summary>One right on one thing for one person, one group or everyone.</summary>
public sealed class Share
{
    /// <summary>The <see cref="GranteeId"/> of everyone, so that one column and one index say whom a share reaches.</summary>
    public static readonly Guid Everyone = Guid.Empty;

    public required Guid Id { get; init; }
    public required ShareOf ResourceKind { get; init; }
    public required Guid ResourceId { get; init; }
    public required GranteeKind GranteeKind { get; init; }
    public required Guid GranteeId { get; init; }
    public required ShareRight Right { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Share>
    {
        public void Configure(EntityTypeBuilder<Share> builder)
        {
            builder.ToTable("shares", "sharing");

            // May this person do that with this bot? At most a few hundred rows for each bot.
            builder.HasIndex(s => new { s.ResourceId, s.ResourceKind, s.GranteeId }).IsUnique();

            // What is shared with this person, or with one of the person's groups? Lists are made from it without looking at the rows.
            builder.HasIndex(s => new { s.GranteeId, s.ResourceId }).IncludeProperties(s => new { s.ResourceKind, s.Right });
        }
    }
}

public static class ShareQueries
{
    /// <summary>Shares that hold for an account: its own, those of its groups, and everyone's. For questions about known things; for lists see <c>BotQueries.ListedFor</c>.</summary>
    public static IQueryable<Share> SharesReaching(this ChatSphereDb db, Guid accountId) => db.Shares.Where(s =>
        s.GranteeId == accountId || s.GranteeId == Share.Everyone || db.GroupMembers.Any(m => m.GroupId == s.GranteeId && m.AccountId == accountId));
}
