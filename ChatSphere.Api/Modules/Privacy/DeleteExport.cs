using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class DeleteExport
{
    /// <summary>The Worker that is making it finds its row gone and stops.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid exportId, CurrentUser user, ChatSphereDb db, ExportFiles files, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.DataExports.Where(e => e.Id == exportId && e.AccountId == user.AccountId).ExecuteDeleteAsync(cancellationToken) != 1)
        {
            return Problems.NotFound();
        }

        audit.Record(AuditActions.ExportDeleted, "account", user.AccountId, new { exportId });
        await db.SaveChangesAsync(cancellationToken);
        files.Delete(exportId);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
