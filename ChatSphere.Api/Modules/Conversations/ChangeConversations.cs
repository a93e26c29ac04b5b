using ChatSphere.Api.Http;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Privacy;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>The same with many conversations at once.</summary>
internal static class ChangeConversations
{
    public static async Task<Results<Ok<ChangedConversationsResponse>, ProblemHttpResult>> HandleAsync(
        ChangeConversationsRequest request, CurrentUser user, ChatSphereDb db, RunningTurns running, TurnStreams streams, LiveFeed live, TimeProvider time, CancellationToken cancellationToken)
    {
        var folderId = request.FolderId == Guid.Empty ? null : request.FolderId;
        if (request.Action is ConversationAction.Move && (request.FolderId is null || (folderId is not null && !await db.Folders.AnyAsync(f => f.Id == folderId && f.OwnerId == user.AccountId, cancellationToken))))
        {
            return Problems.Invalid("folderId", "You have no such folder.");
        }

        if (request.Action is ConversationAction.Delete && await db.IsHeldAsync(user.AccountId, cancellationToken))
        {
            return Problems.Held();
        }

        var ids = request.Ids.Distinct().ToArray();
        var mine = db.Conversations.VisibleTo(user.AccountId).Where(c => ids.Contains(c.Id));
        var found = await mine.Select(c => new { c.Id, c.ActiveTurnId }).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        var changed = request.Action switch
        {
            ConversationAction.Delete => await mine.ExecuteDeleteAsync(cancellationToken),
            ConversationAction.Move => await mine.ExecuteUpdateAsync(c => c.SetProperty(x => x.FolderId, folderId), cancellationToken),
            ConversationAction.Archive => await mine.ExecuteUpdateAsync(c => c.SetProperty(x => x.ArchivedAt, x => x.ArchivedAt ?? now), cancellationToken),
            _ => await mine.ExecuteUpdateAsync(c => c.SetProperty(x => x.ArchivedAt, (DateTimeOffset?)null), cancellationToken),
        };
        foreach (var conversation in found)
        {
            if (request.Action is ConversationAction.Delete && conversation.ActiveTurnId is { } turnId)
            {
                running.Stop(turnId);
                streams.RequestStop(turnId);
            }

            live.Publish(user.AccountId, request.Action is ConversationAction.Delete ? LiveEventTypes.ConversationDeleted : LiveEventTypes.ConversationChanged, new LiveReference(conversation.Id));
        }

        return TypedResults.Ok(new ChangedConversationsResponse(changed));
    }
}
