using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

/// <summary>Decrypts as it sends. The length is said beforehand, so a client notices when the sending broke off.</summary>
internal static class DownloadExport
{
    public static Task<Results<FileStreamHttpResult, ProblemHttpResult>> MineAsync(
        Guid exportId, CurrentUser user, HttpContext http, ChatSphereDb db, ExportFiles files, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(exportId, db.DataExports.Where(e => e.AccountId == user.AccountId), http, db, files, audit, time, cancellationToken);

    public static Task<Results<FileStreamHttpResult, ProblemHttpResult>> ForOtherAsync(
        Guid exportId, HttpContext http, ChatSphereDb db, ExportFiles files, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(exportId, db.DataExports.Where(e => e.AccountId != e.RequestedBy), http, db, files, audit, time, cancellationToken);

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> SendAsync(
        Guid exportId, IQueryable<DataExport> exports, HttpContext http, ChatSphereDb db, ExportFiles files, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await exports.AsNoTracking().SingleOrDefaultAsync(e => e.Id == exportId, cancellationToken) is not { } export)
        {
            return Problems.NotFound();
        }

        if (export.State != ExportState.Ready || export.ExpiresAt <= time.GetUtcNow() || await files.OpenAsync(exportId, cancellationToken) is not { } content)
        {
            return Problems.Conflict(ErrorCodes.ExportNotReady, export.State == ExportState.Ready ? "The export has expired. Ask for a new one." : "The export is not ready.");
        }

        audit.Record(AuditActions.ExportDownloaded, "account", export.AccountId, new { exportId });
        await db.SaveChangesAsync(cancellationToken);
        http.Response.ContentLength = export.Size;
        return TypedResults.Stream(content, "application/zip", string.Create(CultureInfo.InvariantCulture, $"chatsphere-{export.CreatedAt:yyyy-MM-dd}.zip"));
    }
}
