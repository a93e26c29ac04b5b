using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class TakeSeat
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.SubscriptionSeats.Where(s => s.AccountId == accountId && s.OwnerId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        audit.Record(AuditActions.SeatTaken, "account", accountId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
