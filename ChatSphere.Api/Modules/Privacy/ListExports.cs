using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class ListExports
{
    public static async Task<Results<Ok<Page<ExportResponse>>, ProblemHttpResult>> MineAsync(
        CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, string? cursor = null, int? limit = null) =>
        await PageAsync(db.DataExports.Where(e => e.AccountId == user.AccountId), time, cursor, limit, cancellationToken);

    /// <summary>Not those that people asked for themselves: they are nobody else's to download.</summary>
    public static async Task<Results<Ok<Page<ExportResponse>>, ProblemHttpResult>> AllAsync(ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, string? cursor = null, int? limit = null) =>
        await PageAsync(db.DataExports.Where(e => e.AccountId != e.RequestedBy), time, cursor, limit, cancellationToken);

    public static ExportResponse ToResponse(DataExport e) => new(e.Id, e.AccountId, (ExportStatus)e.State, e.Percent, e.Size, e.CreatedAt, e.ReadyAt, e.ExpiresAt);

    private static async Task<Results<Ok<Page<ExportResponse>>, ProblemHttpResult>> PageAsync(IQueryable<DataExport> exports, TimeProvider time, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var now = time.GetUtcNow();
        var found = await exports.AsNoTracking().Where(e => (e.ExpiresAt == null || e.ExpiresAt > now) && (before == null || e.Id < before)).OrderByDescending(e => e.Id).Take(take + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of([.. found.Select(ToResponse)], take, e => Cursor.Of(e.Id)));
    }
}
