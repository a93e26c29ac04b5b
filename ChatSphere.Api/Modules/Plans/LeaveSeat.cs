using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class LeaveSeat
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.SubscriptionSeats.Where(s => s.AccountId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        audit.Record(AuditActions.SeatTaken, "account", user.AccountId, reason: "left");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
