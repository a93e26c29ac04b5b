using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class ChooseBranch
{
    public static async Task<Results<Ok<ConversationResponse>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, ChooseBranchRequest request, CurrentUser user, ChatSphereDb db, LiveFeed live, CancellationToken cancellationToken)
    {
        var mine = db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId);
        if (!await mine.AnyAsync(cancellationToken))
        {
            return Problems.NotFound();
        }

        await db.FillParentsAsync(conversationId, cancellationToken);
        if (!await db.Messages.AnyAsync(m => m.Id == request.MessageId && m.ConversationId == conversationId, cancellationToken))
        {
            return Problems.Invalid("messageId", "It is no message of this conversation.");
        }

        var end = await db.EndOfAsync(conversationId, request.MessageId!.Value, cancellationToken);
        await mine.ExecuteUpdateAsync(c => c.SetProperty(x => x.CurrentId, end).SetProperty(x => x.CurrentAsOf, x => x.LastSeq), cancellationToken);
        live.Publish(user.AccountId, LiveEventTypes.ConversationChanged, new LiveReference(conversationId));
        return await mine.AsNoTracking().Select(ConversationResponses.Projection(db)).SingleOrDefaultAsync(cancellationToken) is { } chosen ? TypedResults.Ok(chosen) : Problems.NotFound();
    }
}
