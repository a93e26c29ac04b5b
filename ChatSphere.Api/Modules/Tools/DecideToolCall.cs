using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Tools;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

internal static class DecideToolCall
{
    public static Task<Results<NoContent, ProblemHttpResult>> ApproveAsync(
        Guid turnId, string callId, [FromBody] ApproveToolCallRequest? request, CurrentUser user, ChatSphereDb db, ApprovalDesk desk, ToolDecisions decisions, TimeProvider time, CancellationToken cancellationToken) =>
        DecideAsync(turnId, callId, ApprovalState.Approved, request?.Remember == true, user, db, desk, decisions, time, cancellationToken);

    public static Task<Results<NoContent, ProblemHttpResult>> DenyAsync(
        Guid turnId, string callId, CurrentUser user, ChatSphereDb db, ApprovalDesk desk, ToolDecisions decisions, TimeProvider time, CancellationToken cancellationToken) =>
        DecideAsync(turnId, callId, ApprovalState.Denied, remember: false, user, db, desk, decisions, time, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> DecideAsync(
        Guid turnId, string callId, ApprovalState state, bool remember, CurrentUser user, ChatSphereDb db, ApprovalDesk desk, ToolDecisions decisions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (callId.Length > 64 || TextRules.HasUnstorable(callId))
        {
            return Problems.NotFound();
        }

        // A turn without a living node will not run anything any more, so nothing of it can be approved.
        var now = time.GetUtcNow();
        var mine = db.ToolApprovals.Where(a => a.TurnId == turnId && a.CallId == callId && db.Turns.VisibleTo(user.AccountId).Any(t => t.Id == a.TurnId));
        var decided = await mine.Where(a => a.State == ApprovalState.Waiting && a.ExpiresAt > now && db.Turns.Any(t => t.Id == a.TurnId && t.LastEvent == null && !t.StopRequested && t.LeasedUntil > now))
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.State, state).SetProperty(x => x.Remembered, remember).SetProperty(x => x.DecidedAt, now), cancellationToken);
        if (decided == 0)
        {
            return await mine.AnyAsync(cancellationToken)
                ? Problems.Conflict(ErrorCodes.ToolCallDecided, "This call was decided already, has waited too long, or its answer is over.")
                : Problems.NotFound();
        }

        desk.Wake(turnId);
        decisions.Publish(turnId);
        return TypedResults.NoContent();
    }
}
