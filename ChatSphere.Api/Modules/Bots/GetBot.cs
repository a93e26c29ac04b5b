using ChatSphere.Api.Http;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class GetBot
{
    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> HandleAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var bot = await db.Bots.AsNoTracking().VisibleTo(user.AccountId).Where(b => b.Id == botId)
            .Select(b => new BotResponse(b.Id, b.Name, b.Instructions, b.Model, b.Temperature, db.Documents.Count(d => d.BotId == b.Id), b.CreatedAt, b.UpdatedAt))
            .SingleOrDefaultAsync(cancellationToken);
        return bot is null ? Problems.NotFound() : TypedResults.Ok(bot);
    }
}
