using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class RemoveTotp
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, LiveAccess access, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAccountAsync(user.AccountId, cancellationToken);
        if (!await db.Passkeys.AnyAsync(p => p.UserId == user.AccountId, cancellationToken) && await db.RequiresFactorAsync(user.AccountId, cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.FactorRequired, "Your role needs a second factor, and this is the last one. Add a passkey first.");
        }

        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        await db.RecoveryCodes.Where(c => c.AccountId == account.Id).ExecuteDeleteAsync(cancellationToken);
        if (await db.AuthenticatorApps.Where(a => a.AccountId == account.Id).ExecuteDeleteAsync(cancellationToken) == 1 && account.TwoFactorEnabled)
        {
            account.TwoFactorEnabled = false;
            audit.Record(AuditActions.TotpRemoved, "account", account.Id);
            notices.Tell(account, "The authenticator app was removed as a second step of signing in.");
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        access.ForgetAccount(account.Id);
        return TypedResults.NoContent();
    }
}
