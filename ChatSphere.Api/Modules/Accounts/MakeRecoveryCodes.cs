using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class MakeRecoveryCodes
{
    public static async Task<Results<Ok<RecoveryCodesResponse>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, RecoveryCodes codes, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAccountAsync(user.AccountId, cancellationToken);
        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        if (!account.TwoFactorEnabled)
        {
            return Problems.Conflict(ErrorCodes.FactorMissing, "Recovery codes stand in for an authenticator app; set one up first.");
        }

        var made = await codes.MakeAsync(account.Id, cancellationToken);
        audit.Record(AuditActions.RecoveryCodesMade, "account", account.Id);
        notices.Tell(account, "New recovery codes were made. The old ones no longer work.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new RecoveryCodesResponse(made));
    }
}
