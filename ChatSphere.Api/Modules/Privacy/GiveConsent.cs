using ChatSphere.Api.Http;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class GiveConsent
{
    public static async Task<Results<Ok<ConsentsResponse>, ProblemHttpResult>> HandleAsync(
        GiveConsentRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Policies.Current().AnyAsync(p => p.Id == request.PolicyId, cancellationToken))
        {
            return Problems.NotFound();
        }

        // Said twice is said once; nothing said yet is not the same as no.
        var last = await db.Consents.Where(c => c.AccountId == user.AccountId && c.PolicyId == request.PolicyId).OrderByDescending(c => c.Id).Select(c => (bool?)c.Given).FirstOrDefaultAsync(cancellationToken);
        if (last != request.Given)
        {
            var now = time.GetUtcNow();
            db.Consents.Add(new Consent { Id = Guid.CreateVersion7(now), AccountId = user.AccountId, PolicyId = request.PolicyId, Given = request.Given, At = now });
            audit.Record(AuditActions.ConsentChanged, "account", user.AccountId, new { policyId = request.PolicyId, given = request.Given });
            await db.SaveChangesAsync(cancellationToken);
        }

        return TypedResults.Ok(await GetConsents.OfAsync(user.AccountId, db, cancellationToken));
    }
}
