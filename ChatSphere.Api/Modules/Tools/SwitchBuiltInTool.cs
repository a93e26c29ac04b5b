using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Tools;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Tools;

internal static class SwitchBuiltInTool
{
    public static async Task<Results<Ok<BotToolResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, string name, SwitchBuiltInToolRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (!BuiltInToolNames.All.Contains(name))
        {
            return Problems.NotFound();
        }

        var now = time.GetUtcNow();
        var tool = await db.BotTools.SingleOrDefaultAsync(t => t.BotId == botId && t.Name == name, cancellationToken);
        if (tool is null)
        {
            tool = BotTool.BuiltIn(botId, name, now);
            db.Add(tool);
        }

        (tool.Enabled, tool.NeedsApproval, tool.UpdatedAt) = (request.Enabled!.Value, request.NeedsApproval, now);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Switched twice at the same moment: the other one's row is there now.
            await db.BotTools.Where(t => t.BotId == botId && t.Name == name)
                .ExecuteUpdateAsync(t => t.SetProperty(x => x.Enabled, request.Enabled.Value).SetProperty(x => x.NeedsApproval, request.NeedsApproval).SetProperty(x => x.UpdatedAt, now), cancellationToken);
            tool = await db.BotTools.AsNoTracking().SingleAsync(t => t.BotId == botId && t.Name == name, cancellationToken);
        }

        return TypedResults.Ok(ToolResponses.From(tool, null));
    }
}
