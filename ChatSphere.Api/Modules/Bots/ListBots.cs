using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListBots
{
    public static async Task<Results<Ok<Page<BotResponse>>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, ListedBots? scope = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await BotResponses.ListAsync(
            db, db.ListedFor(user.AccountId, Scope(scope)).Where(b => before == null || b.Id < before).OrderByDescending(b => b.Id).Take(take + 1), user.AccountId, cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, b => Cursor.Of(b.Id)));
    }

    private static BotScope Scope(ListedBots? scope) => scope switch
    {
        null => BotScope.MineAndShared,
        ListedBots.Mine => BotScope.Mine,
        ListedBots.Shared => BotScope.Shared,
        ListedBots.Public => BotScope.Public,
        _ => BotScope.All,
    };
}
