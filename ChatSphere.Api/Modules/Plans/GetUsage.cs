using ChatSphere.Api.Http;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class GetUsage
{
    public static async Task<Ok<PlanUsageResponse>> HandleAsync(CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = user.AccountId;
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var plan = await db.PlanOf(id).SingleAsync(cancellationToken);
        var (documents, bytes) = await db.DocumentsOf(id, cancellationToken);
        var own = await db.OwnPlanOf(id).SingleOrDefaultAsync(cancellationToken);
        return TypedResults.Ok(new PlanUsageResponse(plan.Key,
        [
            new(UsageKinds.Messages, await db.MessagesOf(id, today, cancellationToken), plan.MessagesPerDay, UsageDays.EndOf(today)),
            new(UsageKinds.Bots, await db.BotsOf(id, cancellationToken), plan.Bots, null),
            new(UsageKinds.Documents, documents, plan.Documents, null),
            new(UsageKinds.StorageBytes, bytes, plan.StorageBytes, null),
            new(UsageKinds.ApiKeys, await db.ApiKeysOf(id, now, cancellationToken), plan.ApiKeys, null),
            new(UsageKinds.Seats, await db.SeatsOf(id, cancellationToken), own is null ? 0 : own.Seats, null),
        ]));
    }
}
