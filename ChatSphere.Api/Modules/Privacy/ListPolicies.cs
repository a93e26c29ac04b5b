using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class ListPolicies
{
    public static async Task<Ok<List<PolicyResponse>>> HandleAsync(ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await db.Policies.AsNoTracking().Current().OrderByDescending(p => p.Required).ThenBy(p => p.Kind).Select(p => ToResponse(p)).ToListAsync(cancellationToken));

    public static PolicyResponse ToResponse(Policy p) => new(p.Id, p.Kind, p.Version, p.Title, p.Text, p.Required, p.PublishedAt);
}
