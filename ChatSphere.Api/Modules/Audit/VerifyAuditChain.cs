using ChatSphere.Contracts.Audit;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Audit;

internal static class VerifyAuditChain
{
    public static async Task<Ok<AuditVerificationResponse>> HandleAsync(AuditVerifier verifier, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var found = await verifier.VerifyAsync(cancellationToken);
        audit.Record(AuditActions.AuditVerified, details: new { valid = found.IsWhole, links = found.Events, problem = found.Problem, firstBadSeq = found.FirstBadSeq });
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(new AuditVerificationResponse(
            found.IsWhole, found.FirstBadSeq, found.Problem, found.Detail, found.Events, found.Pending, found.Checkpoints, found.FileCheckpoints, found.LastCheckpointAt, time.GetUtcNow()));
    }
}
