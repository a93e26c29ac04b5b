using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Api.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class RemoveShare
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid botId, Guid shareId, CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (!await db.Bots.OwnedBy(user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await db.Shares.SingleOrDefaultAsync(s => s.Id == shareId && s.ResourceId == botId, cancellationToken) is not { } share)
        {
            return Problems.NotFound();
        }

        db.Shares.Remove(share);
        audit.Record(AuditActions.BotUnshared, "bot", botId, Grantees.Details(share));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Taken away by another request at the same moment.
        }

        return TypedResults.NoContent();
    }
}
