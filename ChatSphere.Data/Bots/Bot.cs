using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Bots;

/// <summary>Who answers: a name, instructions, a model, and documents of its own.</summary>
public sealed partial class Bot : Entity
{
    private Bot()
    {
    }

    public Guid OwnerId { get; private init; }
    public string Name { get; private set; } = "";
    public string Instructions { get; private set; } = "";

    /// <summary>Null: the deployment's default.</summary>
    public string? Model { get; private set; }
    public double? Temperature { get; private set; }

    /// <summary>Models asked in this order when <see cref="Model"/> fails, before the deployment's own.</summary>
    public List<string> Fallback { get; private set; } = [];
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Set: gone for everybody. The row stays for the names in old conversations.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    public static Bot Create(Guid ownerId, string name, string instructions, string? model, double? temperature, DateTimeOffset now, IReadOnlyList<string>? fallback = null) => new()
    {
        Id = Guid.CreateVersion7(now),
        OwnerId = ownerId,
        Name = name,
        Instructions = instructions,
        Model = model,
        Temperature = temperature,
        Fallback = [.. fallback ?? []],
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>Null leaves a value as it is; an empty model goes back to the default.</summary>
    public void Change(string? name, string? instructions, string? model, double? temperature, DateTimeOffset now, IReadOnlyList<string>? fallback = null)
    {
        Name = name ?? Name;
        Instructions = instructions ?? Instructions;
        Model = model is null ? Model : model.Length == 0 ? null : model;
        Temperature = temperature ?? Temperature;
        Fallback = fallback is null ? Fallback : [.. fallback];
        UpdatedAt = now;
    }

    public void Delete(DateTimeOffset now)
    {
        DeletedAt = now;
        Draft = null;
        ShowAvatar(null, null);
        Raise(new BotDeleted(Id));
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Bot>
    {
        public void Configure(EntityTypeBuilder<Bot> builder)
        {
            builder.ToTable("bots", "bots");
            builder.Property(b => b.Name).HasMaxLength(80);
            builder.Property(b => b.Model).HasMaxLength(200);
            builder.Property(b => b.Fallback).HasDefaultValueSql("'{}'");
            builder.HasIndex(b => new { b.OwnerId, b.Id });
        }
    }
}

/// <summary>Its documents are to be removed.</summary>
[EventName("bots.bot-deleted.v1")]
public sealed record BotDeleted(Guid BotId) : IDomainEvent
{
    public string OrderingKey => BotId.ToString();
}

/// <summary>What of the bots that an account may see a list is to hold.</summary>
public enum BotScope
{
    MineAndShared,
    Mine,

    /// <summary>With the account or one of its groups.</summary>
    Shared,

    /// <summary>With everyone.</summary>
    Public,

    /// <summary>The account's own that were put away.</summary>
    Archived,
    All,
}

/// <summary>
/// Who may do what with a bot (docs/sharing.md). A right on the bot: see it, talk with it, change it. A right on its knowledge: read the documents, let them be searched, change
/// them; to edit the bot is to edit its knowledge. Any right at all shows the bot. Deleting and sharing is for the owner.
/// </summary>
public static class BotQueries
{
    public static IQueryable<Bot> OwnedBy(this IQueryable<Bot> bots, Guid accountId) => bots.Where(b => b.OwnerId == accountId && b.DeletedAt == null);

    public static IQueryable<Bot> VisibleTo(this IQueryable<Bot> bots, ChatSphereDb db, Guid accountId) => bots.Where(b =>
        b.DeletedAt == null && (b.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == b.Id)));

    /// <summary>Talk with it. One that was put away talks with nobody.</summary>
    public static IQueryable<Bot> UsableBy(this IQueryable<Bot> bots, ChatSphereDb db, Guid accountId) => bots.Where(b =>
        b.DeletedAt == null && b.ArchivedAt == null && (b.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == b.Id && s.ResourceKind == ShareOf.Bot && s.Right != ShareRight.View)));

    public static IQueryable<Bot> EditableBy(this IQueryable<Bot> bots, ChatSphereDb db, Guid accountId) => bots.Where(b =>
        b.DeletedAt == null && (b.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == b.Id && s.ResourceKind == ShareOf.Bot && s.Right == ShareRight.Edit)));

    /// <summary>List and read its documents.</summary>
    public static IQueryable<Bot> KnowledgeVisibleTo(this IQueryable<Bot> bots, ChatSphereDb db, Guid accountId) => bots.Where(b =>
        b.DeletedAt == null && (b.OwnerId == accountId
            || db.SharesReaching(accountId).Any(s => s.ResourceId == b.Id && (s.ResourceKind == ShareOf.Knowledge || s.Right == ShareRight.Edit))));

    /// <summary>Have its documents searched: for an answer of the bot, or by oneself.</summary>
    public static IQueryable<Bot> KnowledgeUsableBy(this IQueryable<Bot> bots, ChatSphereDb db, Guid accountId) => bots.Where(b =>
        b.DeletedAt == null && (b.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == b.Id && s.Right != ShareRight.View)));

    /// <summary>Add and take away documents.</summary>
    public static IQueryable<Bot> KnowledgeEditableBy(this IQueryable<Bot> bots, ChatSphereDb db, Guid accountId) => bots.Where(b =>
        b.DeletedAt == null && (b.OwnerId == accountId || db.SharesReaching(accountId).Any(s => s.ResourceId == b.Id && s.Right == ShareRight.Edit)));

    /// <summary>
    /// The bots of a list. Made from the side of the person (the owner's index, the index of shares by grantee), so that its cost grows with what the person may see and not
    /// with all the bots that there are.
    /// </summary>
    public static IQueryable<Bot> ListedFor(this ChatSphereDb db, Guid accountId, BotScope scope)
    {
        var mine = db.Bots.Where(b => b.OwnerId == accountId).Select(b => b.Id);
        var shared = db.Shares.Where(s => s.GranteeId == accountId).Select(s => s.ResourceId)
            .Concat(db.GroupMembers.Where(m => m.AccountId == accountId).Join(db.Shares, m => m.GroupId, s => s.GranteeId, (m, s) => s.ResourceId));
        var everyones = db.Shares.Where(s => s.GranteeId == Share.Everyone).Select(s => s.ResourceId);
        var ids = scope switch
        {
            BotScope.Mine or BotScope.Archived => mine,
            BotScope.Shared => shared,
            BotScope.Public => everyones,
            BotScope.All => mine.Concat(shared).Concat(everyones),
            _ => mine.Concat(shared),
        };
        return db.Bots.Where(b => b.DeletedAt == null && (b.ArchivedAt != null) == (scope == BotScope.Archived) && ids.Contains(b.Id));
    }
}
