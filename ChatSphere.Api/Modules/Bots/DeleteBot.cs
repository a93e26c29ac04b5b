using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class DeleteBot
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid botId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Bots.OwnedBy(user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await db.HoldsBotAsync(botId, cancellationToken))
        {
            return Problems.Held();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.BotVersions.Where(v => v.BotId == botId).ExecuteDeleteAsync(cancellationToken);
        await db.GoldenRuns.Where(r => r.BotId == botId).ExecuteDeleteAsync(cancellationToken);
        await db.GoldenQuestions.Where(q => q.BotId == botId).ExecuteDeleteAsync(cancellationToken);
        bot.Delete(time.GetUtcNow());
        db.Shares.RemoveRange(await db.Shares.Where(s => s.ResourceId == botId).ToListAsync(cancellationToken));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
