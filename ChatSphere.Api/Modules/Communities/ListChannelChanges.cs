using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>How a client that was away catches up, or is told that it cannot.</summary>
internal static class ListChannelChanges
{
    public static async Task<Results<Ok<ChannelChangesResponse>, ProblemHttpResult>> HandleAsync(
        Guid channelId, [Range(0, long.MaxValue)] long? after, CurrentUser user, ChatSphereDb db, Seats seats, ChannelHistory history, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
        }

        // First how far it is: whatever comes after this is the next question's.
        var last = await db.ChannelCounters.Where(c => c.ChannelId == channelId).Select(c => c.LastChange).SingleAsync(cancellationToken);
        var (messages, complete) = await history.ChangesAsync(channelId, after ?? 0, last, cancellationToken);
        return TypedResults.Ok(new ChannelChangesResponse(messages, last, Resync: !complete));
    }
}
