using ChatSphere.Api.Http;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using SubscriptionState = ChatSphere.Data.Plans.SubscriptionState;

namespace ChatSphere.Api.Modules.Plans;

internal static class KeepSubscription
{
    /// <summary>Takes back what the person chose. What ends because the provider or an administrator said so ends all the same.</summary>
    public static async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPlanAsync(user.AccountId, cancellationToken);
        var mine = await db.Subscriptions.SingleOrDefaultAsync(s => s.AccountId == user.AccountId, cancellationToken);
        var plans = await db.Plans.AsNoTracking().ToListAsync(cancellationToken);
        Guid? otherwise = mine?.State == SubscriptionState.Cancelled ? plans.Single(p => p.IsDefault).Id : null;
        if (mine?.PendingPlanId is null || mine.PendingPlanId == otherwise)
        {
            return Problems.NotFound();
        }

        (mine.PendingPlanId, mine.UpdatedAt) = (otherwise, time.GetUtcNow());
        var key = plans.Single(p => p.Id == mine.PlanId).Key;
        audit.Record(AuditActions.SubscriptionChanged, "account", user.AccountId,
            new { from = key, to = key, pending = plans.SingleOrDefault(p => p.Id == otherwise)?.Key, state = mine.State.ToString() }, "taken_back");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await GetSubscription.OfAsync(db, user.AccountId, cancellationToken));
    }
}
