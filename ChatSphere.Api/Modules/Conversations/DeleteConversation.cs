using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Privacy;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class DeleteConversation
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid conversationId, CurrentUser user, ChatSphereDb db, RunningTurns running, TurnStreams streams, LiveFeed live, CancellationToken cancellationToken)
    {
        var mine = db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId);
        var active = await mine.Select(c => new { c.ActiveTurnId }).SingleOrDefaultAsync(cancellationToken);
        if (active is null)
        {
            return Problems.NotFound();
        }

        if (await db.IsHeldAsync(user.AccountId, cancellationToken))
        {
            return Problems.Held();
        }

        // Messages and turns go with it.
        await mine.ExecuteDeleteAsync(cancellationToken);
        await TurnAttachments.DropAsync(db, conversationId, cancellationToken);
        if (active.ActiveTurnId is { } turnId)
        {
            running.Stop(turnId);
            streams.RequestStop(turnId);
        }

        live.Publish(user.AccountId, LiveEventTypes.ConversationDeleted, new LiveReference(conversationId));
        return TypedResults.NoContent();
    }
}
