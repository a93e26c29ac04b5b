using ChatSphere.Api.Http;
using ChatSphere.Api.Sharing;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListShareableGroups
{
    private const int Most = 500;

    public static async Task<Ok<List<ShareableGroupResponse>>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await Grantees.GroupsOf(db, user).OrderBy(g => g.Name).Take(Most).Select(g => new ShareableGroupResponse(g.Id, g.Name)).ToListAsync(cancellationToken));
}
