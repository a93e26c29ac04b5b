using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class ListMessages
{
    public static async Task<Results<Ok<Page<MessageResponse>>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null, bool tree = false)
    {
        if (!Cursor.TryRead(cursor, out int? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).SingleOrDefaultAsync(c => c.Id == conversationId, cancellationToken) is not { } conversation)
        {
            return Problems.NotFound();
        }

        var take = Cursor.Limit(limit);
        var found = tree
            ? await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && (before == null || m.Seq < before)).OrderByDescending(m => m.Seq).Take(take + 1).ToListAsync(cancellationToken)
            : await db.CurrentOfAsync(conversation, cancellationToken) is { } current ? await db.PathAsync(conversationId, current, before ?? int.MaxValue, take + 1, cancellationToken) : [];
        return TypedResults.Ok(Pages.Of(await WithBranchesAsync(db, conversationId, found, cancellationToken), take, m => Cursor.Of(m.Seq)));
    }

    /// <summary>What stands in the place of a message on other branches, itself among them; oldest first.</summary>
    public static async Task<Results<Ok<IReadOnlyList<MessageResponse>>, ProblemHttpResult>> SiblingsAsync(Guid conversationId, Guid messageId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var message = await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == messageId && m.ConversationId == conversationId && db.Conversations.VisibleTo(user.AccountId).Any(c => c.Id == conversationId), cancellationToken);
        if (message is null)
        {
            return Problems.NotFound();
        }

        // More than anybody looks at side by side; the rest is in the tree.
        var siblings = message.ParentId is null ? [message]
            : await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && m.ParentId == message.ParentId).OrderBy(m => m.Seq).Take(Cursor.MaxLimit).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<MessageResponse>>(await WithBranchesAsync(db, conversationId, siblings, cancellationToken));
    }

    private static async Task<List<MessageResponse>> WithBranchesAsync(ChatSphereDb db, Guid conversationId, List<Message> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return [];
        }

        var siblings = await db.SiblingsAsync(conversationId, messages, cancellationToken);
        var ids = messages.ConvertAll(m => m.Id);
        var ratings = await db.MessageRatings.AsNoTracking().Where(r => r.ConversationId == conversationId && ids.Contains(r.MessageId)).ToDictionaryAsync(r => r.MessageId, cancellationToken);
        return messages.ConvertAll(m => ConversationResponses.From(m) with
        {
            Siblings = siblings[m.Id].Ids,
            Rating = ratings.TryGetValue(m.Id, out var rating) ? ConversationResponses.From(rating) : null,
        });
    }
}
