using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>A text that a person asks again and again, called by its name.</summary>
public sealed class Prompt
{
    public required Guid Id { get; init; }
    public required Guid OwnerId { get; init; }

    /// <summary>Lower case, digits and hyphens; one's own, once. Stored as it is, also where content is sealed.</summary>
    public required string Name { get; set; }
    public required string Text { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Prompt>
    {
        public void Configure(EntityTypeBuilder<Prompt> builder)
        {
            builder.ToTable("prompts", "conversations");
            builder.Property(p => p.Name).HasMaxLength(40);
            builder.HasIndex(p => new { p.OwnerId, p.Name }).IsUnique();
        }
    }
}

/// <summary>Who may do what with a prompt (docs/sharing.md): whom it is shared with uses it, with the right to edit also changes it. Sharing and deleting is for the owner.</summary>
public static class PromptQueries
{
    public static IQueryable<Prompt> VisibleTo(this IQueryable<Prompt> prompts, ChatSphereDb db, Guid accountId) =>
        prompts.Where(p => p.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == p.Id));

    public static IQueryable<Prompt> EditableBy(this IQueryable<Prompt> prompts, ChatSphereDb db, Guid accountId) =>
        prompts.Where(p => p.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == p.Id && s.Right == ShareRight.Edit));

    /// <summary>One's own and those of others, from the side of the person, so that its cost does not grow with all the prompts that there are.</summary>
    public static IQueryable<Prompt> PromptsListedFor(this ChatSphereDb db, Guid accountId)
    {
        var shares = db.Shares.Where(s => s.ResourceKind == ShareOf.Prompt);
        var ids = db.Prompts.Where(p => p.OwnerId == accountId).Select(p => p.Id)
            .Concat(shares.Where(s => s.GranteeId == accountId).Select(s => s.ResourceId))
            .Concat(shares.Where(s => s.GranteeId == Share.Everyone).Select(s => s.ResourceId))
            .Concat(db.GroupMembers.Where(m => m.AccountId == accountId).Join(shares, m => m.GroupId, s => s.GranteeId, (m, s) => s.ResourceId));
        return db.Prompts.Where(p => ids.Contains(p.Id));
    }
}
