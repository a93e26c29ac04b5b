using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class ArchivePlan
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid planId, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPlanAsync(Guid.Empty, cancellationToken);
        if (await db.Plans.SingleOrDefaultAsync(p => p.Id == planId, cancellationToken) is not { } plan)
        {
            return Problems.NotFound();
        }

        if (plan.IsDefault)
        {
            return UpdatePlan.IsDefault();
        }

        if (plan.ArchivedAt is null)
        {
            plan.ArchivedAt = plan.UpdatedAt = time.GetUtcNow();
            audit.Record(AuditActions.PlansChanged, "plan", plan.Id, new { key = plan.Key, change = "archived" });
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return TypedResults.NoContent();
    }
}
