using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class UpdatePlan
{
    public static async Task<Results<Ok<PlanResponse>, ProblemHttpResult>> HandleAsync(
        Guid planId, UpdatePlanRequest request, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (PlanRules.Refuse(request.Name, request.Description, request.Features, request.Limits) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // One at a time changes plans, so that exactly one is the default at every moment.
        await db.LockPlanAsync(Guid.Empty, cancellationToken);
        if (await db.Plans.SingleOrDefaultAsync(p => p.Id == planId, cancellationToken) is not { } plan)
        {
            return Problems.NotFound();
        }

        var now = time.GetUtcNow();
        var becomesDefault = request.IsDefault == true;
        if ((request.IsDefault == false && plan.IsDefault) || (request.IsArchived == true && (plan.IsDefault || becomesDefault)))
        {
            return IsDefault();
        }

        if (becomesDefault && plan.ArchivedAt is not null && request.IsArchived != false)
        {
            return Problems.Invalid("isDefault", "An archived plan cannot be the default.");
        }

        if (becomesDefault && !plan.IsDefault)
        {
            await db.Plans.Where(p => p.IsDefault).ExecuteUpdateAsync(p => p.SetProperty(x => x.IsDefault, false), cancellationToken);
            plan.IsDefault = true;
        }

        plan.Name = request.Name?.Trim() ?? plan.Name;
        plan.Description = request.Description?.Trim() ?? plan.Description;
        plan.Features = request.Features?.ToList() ?? plan.Features;
        plan.IsOffered = request.IsOffered ?? plan.IsOffered;
        plan.ArchivedAt = request.IsArchived switch { true => plan.ArchivedAt ?? now, false => null, null => plan.ArchivedAt };
        plan.UpdatedAt = now;
        if (request.Limits is { } limits)
        {
            plan.Set(limits);
        }

        if (request.Price is { } price)
        {
            plan.Set(price);
        }

        audit.Record(AuditActions.PlansChanged, "plan", plan.Id, new { key = plan.Key, change = "changed", request.Limits, request.IsOffered, request.IsDefault, request.IsArchived });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(plan.ToResponse());
    }

    public static ProblemHttpResult IsDefault() => Problems.Conflict(ErrorCodes.PlanIsDefault, "People without another plan have this one. Make another plan the default first.");
}
