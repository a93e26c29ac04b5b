using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class UpdateConversation
{
    public static async Task<Results<Ok<ConversationResponse>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, UpdateConversationRequest request, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Title) is { } unfit)
        {
            return Problems.Invalid("title", unfit);
        }

        // One statement on one column, so that it does not collide with an answer that is being finished.
        var mine = db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId);
        await mine.ExecuteUpdateAsync(c => c.SetProperty(x => x.Title, request.Title.Trim()), cancellationToken);
        return await mine.AsNoTracking().Select(ConversationResponses.Projection(db)).SingleOrDefaultAsync(cancellationToken) is { } renamed ? TypedResults.Ok(renamed) : Problems.NotFound();
    }
}
