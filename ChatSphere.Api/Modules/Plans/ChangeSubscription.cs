using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Plans;

/// <summary>A plan without a price is there for the taking. One with a price is paid for elsewhere, unless it costs less than the one that the provider bills already.</summary>
internal static class ChangeSubscription
{
    public static async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> HandleAsync(
        ChangeSubscriptionRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, IOptions<PlansOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPlanAsync(user.AccountId, cancellationToken);
        var plans = await db.Plans.AsNoTracking().ToListAsync(cancellationToken);
        if (plans.SingleOrDefault(p => p.Key == request.PlanKey && p.ArchivedAt is null && (p.IsOffered || p.IsDefault)) is not { } target)
        {
            return Problems.Invalid("planKey", "No such plan is offered. GET /v1/plans lists those that are.", ErrorCodes.PlanUnknown);
        }

        var mine = await db.Subscriptions.SingleOrDefaultAsync(s => s.AccountId == user.AccountId, cancellationToken);
        var current = plans.Single(p => mine is null ? p.IsDefault : p.Id == mine.PlanId);
        if (target.Id != current.Id)
        {
            var isBilledLess = mine?.ProviderSubscriptionId is not null && target.PriceAmount < current.PriceAmount && target.PriceCurrency == current.PriceCurrency;
            if (target.HasPrice && !isBilledLess)
            {
                return PaidElsewhere(target, user.AccountId, options.Value);
            }

            var now = time.GetUtcNow();
            if (mine is null)
            {
                mine = new Subscription { AccountId = user.AccountId, PlanId = current.Id };
                db.Subscriptions.Add(mine);
            }

            if (mine.PeriodEnd is not null)
            {
                // What is paid for is kept until it ends.
                (mine.PendingPlanId, mine.UpdatedAt) = (target.Id, now);
            }
            else
            {
                mine.Switch(target.Id, now);
            }

            audit.Record(AuditActions.SubscriptionChanged, "account", user.AccountId,
                new { from = current.Key, to = mine.PlanId == target.Id ? target.Key : current.Key, pending = mine.PendingPlanId is null ? null : target.Key, state = mine.State.ToString() }, "chosen");
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await GetSubscription.OfAsync(db, user.AccountId, cancellationToken));
    }

    private static ProblemHttpResult PaidElsewhere(Plan plan, Guid accountId, PlansOptions options)
    {
        var checkout = string.IsNullOrEmpty(options.CheckoutUrl) ? null
            : options.CheckoutUrl.Replace("{plan}", plan.Key, StringComparison.Ordinal).Replace("{account}", accountId.ToString(), StringComparison.Ordinal);
        return TypedResults.Problem(
            checkout is null ? $"{plan.Name} has a price, and this site takes no payments by itself. Ask an administrator." : $"{plan.Name} has a price; it begins when it is paid.",
            statusCode: StatusCodes.Status409Conflict, type: Problems.TypeOf(ErrorCodes.PaymentRequiredElsewhere),
            extensions: new Dictionary<string, object?> { ["code"] = ErrorCodes.PaymentRequiredElsewhere, ["checkoutUrl"] = checkout });
    }
}
