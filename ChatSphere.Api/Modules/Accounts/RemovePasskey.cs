using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class RemovePasskey
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid passkeyId, CurrentUser user, ChatSphereDb db, LiveAccess access, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAccountAsync(user.AccountId, cancellationToken);
        var use = await db.PasskeyUses.AsNoTracking().SingleOrDefaultAsync(p => p.Id == passkeyId && p.AccountId == user.AccountId, cancellationToken);
        if (use is null)
        {
            return Problems.NotFound();
        }

        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        if (await db.PasskeyUses.CountAsync(p => p.AccountId == account.Id, cancellationToken) == 1)
        {
            if (!account.TwoFactorEnabled && await db.RequiresFactorAsync(account.Id, cancellationToken))
            {
                return Problems.Conflict(ErrorCodes.FactorRequired, "Your role needs a second factor, and this is the last one. Set up an authenticator app first.");
            }

            if (account.PasswordHash is null && !await db.UserLogins.AnyAsync(l => l.UserId == account.Id, cancellationToken))
            {
                return Problems.Conflict(ErrorCodes.LastWayIn, "Without it you could not sign in any more. Set a password or link another account first.");
            }
        }

        // Its use goes with it.
        await db.Passkeys.Where(p => p.CredentialId == use.CredentialId).ExecuteDeleteAsync(cancellationToken);
        audit.Record(AuditActions.PasskeyRemoved, "account", account.Id, new { passkeyId });
        notices.Tell(account, "A passkey was removed.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        access.ForgetAccount(account.Id);
        return TypedResults.NoContent();
    }
}
