using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class ListPlans
{
    public static async Task<Ok<PlanResponse[]>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var all = user.Permissions.Contains(Permissions.PlansManage.Name);
        var plans = await db.Plans.AsNoTracking().Where(p => all || (p.IsOffered && p.ArchivedAt == null) || p.IsDefault)
            .OrderBy(p => p.ArchivedAt != null).ThenByDescending(p => p.IsDefault).ThenBy(p => p.PriceAmount ?? 0).ThenBy(p => p.Key).ToListAsync(cancellationToken);
        return TypedResults.Ok(plans.Select(p => p.ToResponse()).ToArray());
    }
}
