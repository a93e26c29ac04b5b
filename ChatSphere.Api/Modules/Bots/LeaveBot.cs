using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Api.Sharing;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class LeaveBot
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid botId, CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        var mine = await db.Shares.Where(s => s.ResourceId == botId && s.GranteeId == user.AccountId).ToListAsync(cancellationToken);
        if (mine.Count == 0)
        {
            var refusal = await Refusals.OfBotAsync(db, botId, user, cancellationToken);
            return refusal.StatusCode == StatusCodes.Status404NotFound ? refusal
                : Problems.Conflict(ErrorCodes.ShareNotDirect, "It is yours, or shared with a group of yours or with everyone; there is nothing that you alone could give back.");
        }

        db.Shares.RemoveRange(mine);
        mine.ForEach(s => audit.Record(AuditActions.BotUnshared, "bot", botId, Grantees.Details(s)));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Its owner took it back at the same moment.
        }

        return TypedResults.NoContent();
    }
}
