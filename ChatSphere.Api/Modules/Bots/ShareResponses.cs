using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class ShareResponses
{
    /// <summary>The shares of a bot, everyone's first, then by name. Those with people or groups that are gone are not told of.</summary>
    public static async Task<IReadOnlyList<ShareResponse>> OfBotAsync(ChatSphereDb db, Guid botId, CancellationToken cancellationToken)
    {
        var shares = await db.Shares.AsNoTracking().Where(s => s.ResourceId == botId).Select(s => new
        {
            Share = s,
            Name = s.GranteeKind == GranteeKind.Person ? db.Users.Where(a => a.Id == s.GranteeId).Select(a => a.DisplayName).FirstOrDefault()
                : s.GranteeKind == GranteeKind.Group ? db.Groups.Where(g => g.Id == s.GranteeId).Select(g => g.Name).FirstOrDefault()
                : "Everyone",
        }).ToListAsync(cancellationToken);
        return [.. shares.Where(s => s.Name is not null)
            .OrderByDescending(s => s.Share.GranteeKind).ThenBy(s => s.Name, StringComparer.OrdinalIgnoreCase).ThenBy(s => s.Share.GranteeId).ThenBy(s => s.Share.ResourceKind)
            .Select(s => new ShareResponse(
                s.Share.Id,
                new ShareGranteeResponse(ToWire(s.Share.GranteeKind), s.Share.GranteeKind == GranteeKind.Everyone ? null : s.Share.GranteeId, s.Name!),
                BotResponses.ToWire(s.Share.Right), s.Share.ResourceKind == ShareOf.Bot ? SharedThing.Bot : SharedThing.Knowledge, s.Share.CreatedAt))];
    }

    public static object Details(Share share) => new
    {
        of = share.ResourceKind == ShareOf.Bot ? "bot" : "knowledge",
        granteeKind = share.GranteeKind switch { GranteeKind.Person => "person", GranteeKind.Group => "group", _ => "everyone" },
        granteeId = share.GranteeKind == GranteeKind.Everyone ? (Guid?)null : share.GranteeId,
        right = share.Right switch { ShareRight.Edit => "edit", ShareRight.Use => "use", _ => "view" },
    };

    private static SharedWith ToWire(GranteeKind kind) => kind switch { GranteeKind.Person => SharedWith.Person, GranteeKind.Group => SharedWith.Group, _ => SharedWith.Everyone };
}
