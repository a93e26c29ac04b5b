using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class GetConversation
{
    public static async Task<Results<Ok<ConversationResponse>, ProblemHttpResult>> HandleAsync(Guid conversationId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => c.Id == conversationId).Select(ConversationResponses.Projection(db)).SingleOrDefaultAsync(cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Problems.NotFound();
}
