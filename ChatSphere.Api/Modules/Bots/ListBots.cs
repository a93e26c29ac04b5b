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
        CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? scope = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (Scope(scope) is not { } wanted)
        {
            return Problems.Invalid("scope", "One of mine, shared, public, archived and all.");
        }

        var take = Cursor.Limit(limit);
        var found = await BotResponses.ListAsync(
            db, db.ListedFor(user.AccountId, wanted).Where(b => before == null || b.Id < before).OrderByDescending(b => b.Id).Take(take + 1), user.AccountId, cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, b => Cursor.Of(b.Id)));
    }

    // Enums bind from a query by their C# names only.
    private static BotScope? Scope(string? scope) => scope switch
    {
        null or "" => BotScope.MineAndShared,
        "mine" => BotScope.Mine,
        "shared" => BotScope.Shared,
        "public" => BotScope.Public,
        "archived" => BotScope.Archived,
        "all" => BotScope.All,
        _ => null,
    };
}
