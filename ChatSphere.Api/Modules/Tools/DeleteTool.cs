using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

internal static class DeleteTool
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid botId, Guid toolId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        return await db.BotTools.Where(t => t.Id == toolId && t.BotId == botId).ExecuteDeleteAsync(cancellationToken) == 0 ? Problems.NotFound() : TypedResults.NoContent();
    }
}
