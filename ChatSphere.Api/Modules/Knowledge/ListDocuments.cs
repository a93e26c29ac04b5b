using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class ListDocuments
{
    public static async Task<Results<Ok<Page<DocumentResponse>>, ProblemHttpResult>> HandleAsync(
        Guid botId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (!await db.Bots.KnowledgeVisibleTo(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var take = Cursor.Limit(limit);
        var found = await db.Documents.AsNoTracking().Where(d => d.BotId == botId && (before == null || d.Id < before))
            .OrderByDescending(d => d.Id).Take(take + 1).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(Pages.Of(found.ConvertAll(d => DocumentResponses.From(d, now)), take, d => Cursor.Of(d.Id)));
    }
}
