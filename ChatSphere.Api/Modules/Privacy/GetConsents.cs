using ChatSphere.Api.Http;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class GetConsents
{
    public static async Task<Ok<ConsentsResponse>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) => TypedResults.Ok(await OfAsync(user.AccountId, db, cancellationToken));

    public static async Task<ConsentsResponse> OfAsync(Guid accountId, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var due = await db.PoliciesDueFor(accountId).AsNoTracking().OrderBy(p => p.Kind).ToListAsync(cancellationToken);
        var history = await db.Consents.AsNoTracking().Where(c => c.AccountId == accountId).OrderByDescending(c => c.Id)
            .Join(db.Policies, c => c.PolicyId, p => p.Id, (c, p) => new ConsentResponse(p.Id, p.Kind, p.Version, p.Title, c.Given, c.At)).Take(500).ToListAsync(cancellationToken);
        return new ConsentsResponse([.. due.Select(ListPolicies.ToResponse)], [.. history.DistinctBy(c => c.Kind)], history);
    }
}
