using ChatSphere.Api.Http;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class PublishPolicy
{
    public static async Task<Results<Created<PolicyResponse>, ProblemHttpResult>> HandleAsync(
        PublishPolicyRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Title) is { } unfit)
        {
            return Problems.Invalid("title", unfit);
        }

        if (TextRules.HasUnstorable(request.Text) || string.IsNullOrWhiteSpace(request.Text))
        {
            return Problems.Invalid("text", "It must contain something to read, and no NUL characters or broken surrogates.");
        }

        // Two who publish at once take turns, so both get a number.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"policy " + request.Kind}, 0))", cancellationToken);
        var now = time.GetUtcNow();
        var policy = new Policy
        {
            Id = Guid.CreateVersion7(now),
            Kind = request.Kind,
            Version = 1 + (await db.Policies.Where(p => p.Kind == request.Kind).MaxAsync(p => (int?)p.Version, cancellationToken) ?? 0),
            Title = request.Title.Trim(),
            Text = request.Text,
            Required = request.Required,
            PublishedBy = user.AccountId,
            PublishedAt = now,
        };
        db.Policies.Add(policy);
        audit.Record(AuditActions.PolicyPublished, "policy", policy.Id, new { policy.Kind, policy.Version, policy.Required });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created("/v1/privacy/policies", ListPolicies.ToResponse(policy));
    }
}
