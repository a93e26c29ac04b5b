using ChatSphere.Api.Http;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class GetChannel
{
    public static async Task<Results<Ok<ChannelResponse>, ProblemHttpResult>> HandleAsync(Guid channelId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var channel = await db.Channels.AsNoTracking().SingleAsync(c => c.Id == channelId, cancellationToken);
        return TypedResults.Ok((await ChannelResponses.OfAsync(db, user.AccountId, seat.Member?.RoleIds ?? [], [channel], _ => seat.Permissions, cancellationToken))[0]);
    }
}
