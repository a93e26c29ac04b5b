using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class LegalHolds
{
    public static async Task<Results<Ok<Page<LegalHoldResponse>>, ProblemHttpResult>> ListAsync(ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null, bool lifted = false)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.LegalHolds.AsNoTracking().Where(h => (lifted || h.LiftedAt == null) && (before == null || h.Id < before)).OrderByDescending(h => h.Id).Take(take + 1)
            .Select(h => new LegalHoldResponse(h.Id, h.AccountId, db.Users.Where(a => a.Id == h.AccountId).Select(a => a.DisplayName).SingleOrDefault() ?? "", h.Reason, h.PlacedBy, h.PlacedAt, h.LiftedAt))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, h => Cursor.Of(h.Id)));
    }

    public static async Task<Results<Created<LegalHoldResponse>, ProblemHttpResult>> PlaceAsync(
        PlaceHoldRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Reason) is { } unfit)
        {
            return Problems.Invalid("reason", unfit);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPrivacyAsync(request.AccountId, cancellationToken);
        if (await db.Users.AsNoTracking().Where(a => a.Id == request.AccountId && a.ErasedAt == null).Select(a => a.DisplayName).SingleOrDefaultAsync(cancellationToken) is not { } name)
        {
            return Problems.NotFound();
        }

        if (await db.Erasures.AnyAsync(e => e.AccountId == request.AccountId && e.State == ErasureState.Running, cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.ErasureInProgress, "Too late: the account is being erased at this moment.");
        }

        var now = time.GetUtcNow();
        var hold = new LegalHold { Id = Guid.CreateVersion7(now), AccountId = request.AccountId, Reason = request.Reason.Trim(), PlacedBy = user.AccountId, PlacedAt = now };
        db.LegalHolds.Add(hold);
        audit.Record(AuditActions.HoldPlaced, "account", request.AccountId, new { holdId = hold.Id }, hold.Reason);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created("/v1/privacy/holds", new LegalHoldResponse(hold.Id, hold.AccountId, name, hold.Reason, hold.PlacedBy, hold.PlacedAt, null));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> LiftAsync(
        Guid holdId, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (await db.LegalHolds.Where(h => h.Id == holdId && h.LiftedAt == null).ExecuteUpdateAsync(h => h.SetProperty(x => x.LiftedAt, now).SetProperty(x => x.LiftedBy, user.AccountId), cancellationToken) != 1)
        {
            return Problems.NotFound();
        }

        var accountId = await db.LegalHolds.Where(h => h.Id == holdId).Select(h => h.AccountId).SingleAsync(cancellationToken);
        audit.Record(AuditActions.HoldLifted, "account", accountId, new { holdId });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
