using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Plans;

internal static class CreatePlan
{
    public static async Task<Results<Created<PlanResponse>, ProblemHttpResult>> HandleAsync(
        CreatePlanRequest request, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (PlanRules.Refuse(request.Name, request.Description, request.Features, request.Limits) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        var plan = new Plan
        {
            Id = Guid.CreateVersion7(now),
            Key = request.Key,
            Name = request.Name.Trim(),
            Description = request.Description.Trim(),
            Features = [.. request.Features ?? []],
            IsOffered = request.IsOffered,
            CreatedAt = now,
            UpdatedAt = now,
        };
        plan.Set(request.Limits);
        if (request.Price is { } price)
        {
            plan.Set(price);
        }

        db.Plans.Add(plan);
        audit.Record(AuditActions.PlansChanged, "plan", plan.Id, new { key = plan.Key, change = "created", request.Limits });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict(ErrorCodes.PlanKeyTaken, $"There is a plan {request.Key} already.");
        }

        return TypedResults.Created($"/v1/plans/{plan.Id}", plan.ToResponse());
    }
}
