using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class ChangePassword
{
    /// <summary>Asks for the password there is, each time: a session that somebody walked up to is not enough. An account without one must have been signed in recently.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        ChangePasswordRequest request, CurrentUser user, HttpContext http, ChatSphereDb db, PasswordHashing hashing, PasswordChange change, SignInProtection protection, SecurityNotices notices,
        AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        if (account.PasswordHash is null)
        {
            var since = time.GetUtcNow() - RecentlyAuthenticated.Within;
            if (!await db.Sessions.AnyAsync(s => s.Id == user.Credential.Id && s.AuthenticatedAt >= since, cancellationToken))
            {
                return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.ReauthenticationRequired, "Prove again that it is you: POST /v1/accounts/me/reauthenticate, then repeat.");
            }
        }
        else
        {
            var attempt = await protection.BeginAsync($"change:{user.AccountId}", user.AccountId, http.Connection.RemoteIpAddress, cancellationToken);
            if (attempt.Wait is { } wait)
            {
                return SignIn.Throttled(http, wait);
            }

            if (hashing.Verify(account, request.CurrentPassword ?? "") == PasswordVerificationResult.Failed)
            {
                if (attempt.IsThreshold)
                {
                    audit.Record(AuditActions.SignInFailed, "account", account.Id, new { attempt.Failures, attempt.FromKnownNetwork }, "password change");
                    await db.SaveChangesAsync(cancellationToken);
                }

                return Problems.Invalid("currentPassword", "This is not your current password.", ErrorCodes.PasswordWrong);
            }

            await protection.SucceededAsync(attempt, cancellationToken);
        }

        if (await change.RefuseAsync(account, request.NewPassword) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await change.ApplyAsync(account, request.NewPassword, keep: user.Credential.Id, cancellationToken);
        audit.Record(AuditActions.PasswordChanged, "account", account.Id);
        notices.Tell(account, "Your password was changed, and your other devices were signed out.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
