using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class ListMemories
{
    public static async Task<Results<Ok<Page<MemoryResponse>>, ProblemHttpResult>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.Memories.AsNoTracking().Where(m => m.AccountId == user.AccountId && (before == null || m.Id < before)).OrderByDescending(m => m.Id).Take(take + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found.ConvertAll(MemoryResponses.From), take, m => Cursor.Of(m.Id)));
    }
}
