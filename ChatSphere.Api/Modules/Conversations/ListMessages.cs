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
        Guid conversationId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out int? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (!await db.Conversations.VisibleTo(user.AccountId).AnyAsync(c => c.Id == conversationId, cancellationToken))
        {
            return Problems.NotFound();
        }

        var take = Cursor.Limit(limit);
        var found = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && (before == null || m.Seq < before))
            .OrderByDescending(m => m.Seq).Take(take + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found.ConvertAll(ConversationResponses.From), take, m => Cursor.Of(m.Seq)));
    }
}
