using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class StopTurn
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid turnId, CurrentUser user, ChatSphereDb db, RunningTurns running, TurnStreams streams, CancellationToken cancellationToken)
    {
        // Kept in the row too, for the node that cannot hear Redis: it looks when it renews its leases.
        if (await db.Turns.VisibleTo(user.AccountId).Where(t => t.Id == turnId).ExecuteUpdateAsync(t => t.SetProperty(x => x.StopRequested, true), cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        if (!running.Stop(turnId))
        {
            streams.RequestStop(turnId);
        }

        return TypedResults.NoContent();
    }
}
