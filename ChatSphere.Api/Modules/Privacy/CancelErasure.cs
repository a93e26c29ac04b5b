using System.Security.Cryptography;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class CancelErasure
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid erasureId, ChatSphereDb db, PurgeJournal journal, AuditTrail audit, MailOutbox mails, CancellationToken cancellationToken) =>
        !await db.Erasures.AnyAsync(e => e.Id == erasureId, cancellationToken) ? Problems.NotFound()
        : await CancelAsync(erasureId, null, db, journal, audit, mails, cancellationToken) ? TypedResults.NoContent()
        : Problems.Conflict(ErrorCodes.ErasureNotCancellable, "It has begun, is done or was cancelled before.");

    /// <summary>The account is disabled, so the link alone must do. It opens nothing: afterwards one signs in as ever.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> ByLinkAsync(
        CancelErasureRequest request, ChatSphereDb db, PurgeJournal journal, AuditTrail audit, MailOutbox mails, CancellationToken cancellationToken)
    {
        if (!Erasure.TryReadCancelToken(request.Token, out var id, out var hash)
            || await db.Erasures.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is not { CancelHash: { } stored } erasure
            || !CryptographicOperations.FixedTimeEquals(stored, hash))
        {
            return Problems.BadRequest(ErrorCodes.OneTimeTokenInvalid, "The link is not valid any more.");
        }

        return await CancelAsync(id, erasure.AccountId, db, journal, audit, mails, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Conflict(ErrorCodes.ErasureNotCancellable, "It is too late: the account is being deleted.");
    }

    private static async Task<bool> CancelAsync(Guid erasureId, Guid? actorId, ChatSphereDb db, PurgeJournal journal, AuditTrail audit, MailOutbox mails, CancellationToken cancellationToken)
    {
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await db.CancelErasureAsync(erasureId, cancellationToken) is not { } accountId)
            {
                return false;
            }

            var account = await db.Users.AsNoTracking().SingleAsync(a => a.Id == accountId, cancellationToken);
            audit.Record(AuditActions.ErasureCancelled, "account", accountId, new { erasureId }, actorId: actorId);
            if (account.DisabledAt is null)
            {
                audit.Record(AuditActions.EnabledAfterCancellation, "account", accountId, reason: "erasure cancelled", actorId: actorId);
            }

            if (account.Email is not null)
            {
                mails.Queue(accountId, account.Email, MailKinds.ErasureCancelled, new() { ["name"] = account.DisplayName });
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        // So that a restore to the time in between does not carry it out after all.
        await journal.AppendAsync(PurgeKind.Cancelled, erasureId, CancellationToken.None);
        return true;
    }
}
