using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListShares
{
    public static async Task<Results<Ok<IReadOnlyList<ShareResponse>>, ProblemHttpResult>> HandleAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Bots.OwnedBy(user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken)
            ? TypedResults.Ok(await ShareResponses.OfBotAsync(db, botId, cancellationToken))
            : await Refusals.OfBotAsync(db, botId, user, cancellationToken);
}
