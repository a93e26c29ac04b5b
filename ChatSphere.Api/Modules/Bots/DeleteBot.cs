using ChatSphere.Api.Http;
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
        if (await db.Bots.EditableBy(user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return Problems.NotFound();
        }

        if (await db.HoldsBotAsync(botId, cancellationToken))
        {
            return Problems.Held();
        }

        bot.Delete(time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
