using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelKind = ChatSphere.Contracts.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>What a member, or somebody with these roles, could see and do. For who may manage roles, and of the channels that they see themselves.</summary>
internal static class ViewAs
{
    public static async Task<Results<Ok<ViewAsResponse>, ProblemHttpResult>> HandleAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, TimeProvider time, CancellationToken cancellationToken, Guid[]? roleIds = null, Guid? memberId = null)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ManageRoles))
        {
            return ServerResponses.Missing(ServerPermissions.ManageRoles);
        }

        MemberFacts whom;
        if (memberId is { } id)
        {
            if (await seats.InServerAsync(id, serverId, cancellationToken) is not { } other)
            {
                return Problems.Invalid("memberId", "A member of this server.");
            }

            whom = other.Member;
        }
        else if ((roleIds ?? []) is { Length: <= 250 } wanted && wanted.All(seat.Server.Roles.ContainsKey))
        {
            // Nobody in particular.
            whom = new MemberFacts(Guid.Empty, wanted, null);
        }
        else
        {
            return Problems.Invalid("roleIds", "Roles of this server.");
        }

        var (now, visible) = (time.GetUtcNow(), seats.VisibleChannels(seat));
        var ids = visible.Keys.ToList();
        var channels = await db.Channels.AsNoTracking().Where(c => ids.Contains(c.Id)).OrderBy(c => c.Position).ThenBy(c => c.Id).Select(c => new { c.Id, c.Name, c.Kind, c.ParentId }).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ViewAsResponse(
            ServerResponses.May(PermissionRules.InServer(seat.Server, whom, now)),
            [.. channels.Select(c =>
            {
                var may = PermissionRules.InChannel(seat.Server, whom, c.Id, inThread: false, now);
                return new ViewAsChannelResponse(c.Id, c.Name, (ChannelKind)c.Kind, c.ParentId, may.HasFlag(ServerPermissions.ViewChannel), ServerResponses.May(may));
            })]));
    }
}
