using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

internal static class ListTools
{
    /// <summary>For those who may edit the bot: addresses and descriptions are as private as its instructions.</summary>
    public static async Task<Results<Ok<List<BotToolResponse>>, ProblemHttpResult>> HandleAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken)
            ? TypedResults.Ok(await ToolResponses.ListAsync(db, botId, cancellationToken))
            : await Refusals.OfBotAsync(db, botId, user, cancellationToken);
}
