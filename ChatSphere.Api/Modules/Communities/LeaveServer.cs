using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Communities;

internal static class LeaveServer
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null || await change.MemberAsync(user.AccountId, cancellationToken) is not { } self)
        {
            return Problems.NotFound();
        }

        if (change.Seat.IsOwner)
        {
            return Problems.Conflict(ErrorCodes.OwnerMustTransfer, "It is your server: give it to another member first, or delete it.");
        }

        db.Remove(self.Row);
        change.Server.Left(user.AccountId, ServerLeaving.Left);
        change.Record(ServerActions.MemberLeft, ServerLogTarget.Member, user.AccountId);
        await change.CommitAsync(cancellationToken);
        signals.MembershipsChanged(serverId, user.AccountId);
        return TypedResults.NoContent();
    }
}
