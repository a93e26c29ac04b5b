using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class GetServer
{
    public static async Task<Results<Ok<ServerDetailResponse>, ProblemHttpResult>> HandleAsync(Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var server = await db.Servers.AsNoTracking().SingleAsync(s => s.Id == serverId, cancellationToken);
        var roles = await db.ServerRoles.AsNoTracking().Where(r => r.ServerId == serverId).ToListAsync(cancellationToken);
        var visible = seats.VisibleChannels(seat);
        var ids = visible.Keys.ToList();
        var channels = await ChannelResponses.OfAsync(
            db, user.AccountId, seat.Member.RoleIds, await db.Channels.AsNoTracking().Where(c => ids.Contains(c.Id)).ToListAsync(cancellationToken), c => visible[c.Id], cancellationToken);
        var members = await db.ServerMembers.CountAsync(m => m.ServerId == serverId, cancellationToken);

        // Channels without a category first, then each category with its channels.
        var positions = channels.Where(c => c.Kind == Contracts.Communities.ChannelKind.Category).ToDictionary(c => c.Id, c => c.Position);
        return TypedResults.Ok(new ServerDetailResponse(
            ServerResponses.From(server, seat.Permissions),
            [.. channels.OrderBy(c => c.Kind == Contracts.Communities.ChannelKind.Category ? c.Position : c.ParentId is { } parent && positions.TryGetValue(parent, out var p) ? p : -1)
                .ThenBy(c => c.Kind == Contracts.Communities.ChannelKind.Category ? c.Id : c.ParentId ?? Guid.Empty).ThenBy(c => c.Kind != Contracts.Communities.ChannelKind.Category).ThenBy(c => c.Position).ThenBy(c => c.Id)],
            [.. roles.OrderByDescending(r => r.Id != serverId).ThenByDescending(r => r.Position).ThenBy(r => r.Id.ToString(), StringComparer.Ordinal).Select(ServerResponses.From)],
            members));
    }
}
