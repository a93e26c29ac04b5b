using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

internal static class CreateConversation
{
    public static async Task<Results<Created<ConversationResponse>, ProblemHttpResult>> HandleAsync(
        CreateConversationRequest request, CurrentUser user, ChatSphereDb db, LiveFeed live, IOptions<TurnOptions> options, TimeProvider time, CancellationToken cancellationToken)
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
        if (request.Temporary)
        {
            conversation.ForgetAt(time.GetUtcNow() + options.Value.TemporaryFor);
        }

        if (request.FolderId is { } folderId)
        {
            if (!await db.Folders.AnyAsync(f => f.Id == folderId && f.OwnerId == user.AccountId, cancellationToken))
            {
                return Problems.Invalid("folderId", "You have no such folder.");
            }

            conversation.PutInto(folderId);
        }

        db.Conversations.Add(conversation);
        await db.SaveChangesAsync(cancellationToken);
        live.Publish(user.AccountId, LiveEventTypes.ConversationChanged, new LiveReference(conversation.Id));
        return TypedResults.Created($"/v1/conversations/{conversation.Id}", new ConversationResponse(
            conversation.Id, conversation.BotId, botName, conversation.Title, null, conversation.CreatedAt, conversation.UpdatedAt) { FolderId = conversation.FolderId, ExpiresAt = conversation.ExpiresAt });
    }
}
