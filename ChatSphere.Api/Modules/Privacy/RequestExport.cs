using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Privacy;

internal static class RequestExport
{
    public static Task<Results<Accepted<ExportResponse>, ProblemHttpResult>> MineAsync(CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        QueueAsync(user.AccountId, user, null, db, audit, time, cancellationToken);

    public static async Task<Results<Accepted<ExportResponse>, ProblemHttpResult>> ForOtherAsync(
        Guid accountId, ActForPersonRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        TextRules.Problem(request.Reason) is { } unfit ? Problems.Invalid("reason", unfit)
        : await db.Users.AnyAsync(a => a.Id == accountId && a.ErasedAt == null, cancellationToken) ? await QueueAsync(accountId, user, request.Reason, db, audit, time, cancellationToken)
        : Problems.NotFound();

    private static async Task<Results<Accepted<ExportResponse>, ProblemHttpResult>> QueueAsync(
        Guid accountId, CurrentUser user, string? reason, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var export = DataExport.Request(accountId, user.AccountId, time.GetUtcNow());
        db.DataExports.Add(export);
        audit.Record(AuditActions.ExportRequested, "account", accountId, new { exportId = export.Id }, reason);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict(ErrorCodes.ExportInProgress, "An export is being made already. It will be in the list when it is ready.");
        }

        return TypedResults.Accepted("/v1/accounts/me/exports", ListExports.ToResponse(export));
    }
}
