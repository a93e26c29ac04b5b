using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class CreateConversation
{
    public static async Task<Results<Created<ConversationResponse>, ProblemHttpResult>> HandleAsync(
        CreateConversationRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Title is not null && TextRules.Problem(request.Title) is { } unfit)
        {
            return Problems.Invalid("title", unfit);
        }

        var botName = await db.Bots.UsableBy(db, user.AccountId).Where(b => b.Id == request.BotId).Select(b => b.Name).SingleOrDefaultAsync(cancellationToken);
        if (botName is null)
        {
            return await Refusals.OfTalkingAsync(db, request.BotId ?? Guid.Empty, user, cancellationToken);
        }

        var conversation = Conversation.Start(user.AccountId, request.BotId!.Value, request.Title, time.GetUtcNow());
        db.Conversations.Add(conversation);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/v1/conversations/{conversation.Id}", new ConversationResponse(
            conversation.Id, conversation.BotId, botName, conversation.Title, null, conversation.CreatedAt, conversation.UpdatedAt));
    }
}
