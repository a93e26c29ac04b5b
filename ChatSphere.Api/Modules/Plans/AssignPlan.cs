using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using SubscriptionState = ChatSphere.Data.Plans.SubscriptionState;

namespace ChatSphere.Api.Modules.Plans;

internal static class AssignPlan
{
    public static async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> HandleAsync(
        Guid accountId, AssignPlanRequest request, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (request.Until <= now)
        {
            return Problems.Invalid("until", "It must be in the future.");
        }

        if (!await db.Users.AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPlanAsync(accountId, cancellationToken);
        var plans = await db.Plans.AsNoTracking().ToListAsync(cancellationToken);
        if (plans.SingleOrDefault(p => p.Key == request.PlanKey && p.ArchivedAt is null) is not { } target)
        {
            return Problems.Invalid("planKey", "There is no such plan.", ErrorCodes.PlanUnknown);
        }

        var subscription = await db.Subscriptions.SingleOrDefaultAsync(s => s.AccountId == accountId, cancellationToken);
        var fallback = plans.Single(p => p.IsDefault);
        var before = plans.Single(p => p.Id == (subscription?.PlanId ?? fallback.Id));
        if (subscription is null)
        {
            subscription = new Subscription { AccountId = accountId, PlanId = target.Id };
            db.Subscriptions.Add(subscription);
        }

        subscription.Switch(target.Id, now);
        if (request.Until is { } until && !target.IsDefault)
        {
            (subscription.PeriodEnd, subscription.PendingPlanId, subscription.State) = (until.ToUniversalTime(), fallback.Id, SubscriptionState.Cancelled);
        }

        audit.Record(AuditActions.SubscriptionChanged, "account", accountId, new { from = before.Key, to = target.Key, until = subscription.PeriodEnd, state = subscription.State.ToString() }, "assigned");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await GetSubscription.OfAsync(db, accountId, cancellationToken));
    }
}
