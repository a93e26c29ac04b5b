using ChatSphere.Api.Http;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using SubscriptionState = ChatSphere.Contracts.Plans.SubscriptionState;

namespace ChatSphere.Api.Modules.Plans;

internal static class GetSubscription
{
    public static async Task<Ok<SubscriptionResponse>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await OfAsync(db, user.AccountId, cancellationToken));

    public static async Task<SubscriptionResponse> OfAsync(ChatSphereDb db, Guid accountId, CancellationToken cancellationToken)
    {
        var plan = await db.PlanOf(accountId).SingleAsync(cancellationToken);
        var own = await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.AccountId == accountId, cancellationToken);
        if (own?.PlanId == plan.Id)
        {
            var pending = own.PendingPlanId is { } next ? await db.Plans.AsNoTracking().SingleAsync(p => p.Id == next, cancellationToken) : null;
            return new(plan.ToResponse(), plan.IsDefault ? PlanSource.Default : PlanSource.Own, Enum.Parse<SubscriptionState>(own.State.ToString()), own.PeriodStart, own.PeriodEnd, pending?.ToResponse(), null);
        }

        var giver = plan.IsDefault ? null : await db.SubscriptionSeats.Where(s => s.AccountId == accountId).Select(s => db.Users.Single(a => a.Id == s.OwnerId).DisplayName).SingleOrDefaultAsync(cancellationToken);
        return new(plan.ToResponse(), plan.IsDefault ? PlanSource.Default : PlanSource.Seat, SubscriptionState.Active, null, null, null, giver);
    }
}
