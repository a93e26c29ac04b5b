using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.People;
using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Sharing;

/// <summary>Whom things are shared with, whatever the thing is.</summary>
internal static class Grantees
{
    private const string NobodyFound = "Nobody was found by this. Check the address, or ask the person whether others may find them.";

    /// <summary>Groups that the caller is in; all for who manages groups.</summary>
    public static IQueryable<Group> GroupsOf(ChatSphereDb db, CurrentUser user) => user.Permissions.Contains(Permissions.GroupsManage.Name)
        ? db.Groups.AsNoTracking()
        : db.Groups.AsNoTracking().Where(g => db.GroupMembers.Any(m => m.GroupId == g.Id && m.AccountId == user.AccountId));

    /// <summary>Whom a share is for. Somebody new must be somebody whom the owner may find; who has a share already keeps it, findable or not.</summary>
    public static async Task<(GranteeKind Kind, Guid Id, string? Problem)> FindAsync(
        ChatSphereDb db, ShareGranteeRequest grantee, CurrentUser user, HashSet<Guid> known, CancellationToken cancellationToken)
    {
        switch (grantee)
        {
            case { Kind: SharedWith.Everyone, Id: null, Email: null }:
                return (GranteeKind.Everyone, Share.Everyone, null);
            case { Kind: SharedWith.Group, Id: { } groupId, Email: null }:
                return known.Contains(groupId) || await GroupsOf(db, user).AnyAsync(g => g.Id == groupId, cancellationToken)
                    ? (GranteeKind.Group, groupId, null)
                    : (default, default, "There is no such group, or you are not in it.");
            case { Kind: SharedWith.Person, Id: { } id, Email: null } when id == user.AccountId:
                return (default, default, "It is yours already.");
            case { Kind: SharedWith.Person, Id: { } id, Email: null } when known.Contains(id) || await db.FindableBy(user.AccountId).AnyAsync(a => a.Id == id, cancellationToken):
                return (GranteeKind.Person, id, null);
            case { Kind: SharedWith.Person, Id: null, Email: { } email }:
                var normalized = email.Trim().ToUpperInvariant();
                var found = await db.FindableBy(user.AccountId).Where(a => a.NormalizedEmail == normalized).Select(a => a.Id).SingleOrDefaultAsync(cancellationToken);
                return found == Guid.Empty ? (default, default, NobodyFound) : found == user.AccountId ? (default, default, "It is yours already.") : (GranteeKind.Person, found, null);
            case { Kind: SharedWith.Person, Id: not null, Email: null }:
                return (default, default, NobodyFound);
            default:
                return (default, default, "Name a person by id or by e-mail, a group by id, and everyone by neither.");
        }
    }

    public static SharedWith ToWire(GranteeKind kind) => kind switch { GranteeKind.Person => SharedWith.Person, GranteeKind.Group => SharedWith.Group, _ => SharedWith.Everyone };

    /// <summary>As the audit log writes it.</summary>
    public static object Details(Share share) => new
    {
        of = share.ResourceKind switch { ShareOf.Bot => "bot", ShareOf.Knowledge => "knowledge", _ => "prompt" },
        granteeKind = share.GranteeKind switch { GranteeKind.Person => "person", GranteeKind.Group => "group", _ => "everyone" },
        granteeId = share.GranteeKind == GranteeKind.Everyone ? (Guid?)null : share.GranteeId,
        right = share.Right switch { ShareRight.Edit => "edit", ShareRight.Use => "use", _ => "view" },
    };

    /// <summary>The shares of a thing with whom they are, everyone's first, then by name. Those with people or groups that are gone are not told of.</summary>
    public static async Task<IReadOnlyList<(Share Share, ShareGranteeResponse Grantee)>> OfAsync(ChatSphereDb db, Guid resourceId, CancellationToken cancellationToken)
    {
        var shares = await db.Shares.AsNoTracking().Where(s => s.ResourceId == resourceId).Select(s => new
        {
            Share = s,
            Name = s.GranteeKind == GranteeKind.Person ? db.Users.Where(a => a.Id == s.GranteeId).Select(a => a.DisplayName).FirstOrDefault()
                : s.GranteeKind == GranteeKind.Group ? db.Groups.Where(g => g.Id == s.GranteeId).Select(g => g.Name).FirstOrDefault()
                : "Everyone",
        }).ToListAsync(cancellationToken);
        return [.. shares.Where(s => s.Name is not null)
            .OrderByDescending(s => s.Share.GranteeKind).ThenBy(s => s.Name, StringComparer.OrdinalIgnoreCase).ThenBy(s => s.Share.GranteeId).ThenBy(s => s.Share.ResourceKind)
            .Select(s => (s.Share, new ShareGranteeResponse(ToWire(s.Share.GranteeKind), s.Share.GranteeKind == GranteeKind.Everyone ? null : s.Share.GranteeId, s.Name!)))];
    }
}
