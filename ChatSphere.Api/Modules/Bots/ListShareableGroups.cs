using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListShareableGroups
{
    private const int Most = 500;

    public static async Task<Ok<List<ShareableGroupResponse>>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await Of(db, user).OrderBy(g => g.Name).Take(Most).Select(g => new ShareableGroupResponse(g.Id, g.Name)).ToListAsync(cancellationToken));

    /// <summary>Those that the caller is in; all for who manages groups.</summary>
    public static IQueryable<Group> Of(ChatSphereDb db, CurrentUser user) => user.Permissions.Contains(Permissions.GroupsManage.Name)
        ? db.Groups.AsNoTracking()
        : db.Groups.AsNoTracking().Where(g => db.GroupMembers.Any(m => m.GroupId == g.Id && m.AccountId == user.AccountId));
}
