using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class GetBot
{
    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> HandleAsync(Guid botId, HttpResponse http, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var bot = await BotResponses.OneAsync(db, db.Bots.VisibleTo(db, user.AccountId).Where(b => b.Id == botId), user.AccountId, cancellationToken);
        if (bot is null)
        {
            return Problems.NotFound();
        }

        http.Headers.ETag = BotEditing.ETag(bot.Revision);
        return TypedResults.Ok(bot);
    }
}
