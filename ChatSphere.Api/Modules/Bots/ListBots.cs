using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListBots
{
    public static async Task<Results<Ok<Page<BotResponse>>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.Bots.AsNoTracking().VisibleTo(user.AccountId)
            .Where(b => before == null || b.Id < before)
            .OrderByDescending(b => b.Id)
            .Take(take + 1)
            .Select(b => new BotResponse(b.Id, b.Name, b.Instructions, b.Model, b.Temperature, db.Documents.Count(d => d.BotId == b.Id), b.CreatedAt, b.UpdatedAt))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, b => Cursor.Of(b.Id)));
    }
}
