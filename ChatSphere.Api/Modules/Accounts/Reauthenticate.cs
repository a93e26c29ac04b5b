using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// Proves again who it is, for the next ten minutes of this session. A passkey is enough; else the password, where there is one, together with the app's code, where
/// there is an app: what protects an account can be changed with no less than what opens it.
/// </summary>
internal static class Reauthenticate
{
    public static async Task<Ok<PasskeyOptionsResponse>> OptionsAsync(HttpContext http, CurrentUser user, ChatSphereDb db, PasskeyCeremonies passkeys, CancellationToken cancellationToken) =>
        TypedResults.Ok(await passkeys.RequestOptionsAsync(http, await db.Users.AsNoTracking().SingleAsync(a => a.Id == user.AccountId, cancellationToken), cancellationToken));

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        ReauthenticateRequest request, HttpContext http, CurrentUser user, ChatSphereDb db, PasswordHashing hashing, SignInProtection protection, AuthenticatorApps apps, PasskeyCeremonies passkeys, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var account = await db.Users.AsNoTracking().SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        var proven = new List<string>();
        if (request.Passkey is { } passkey)
        {
            if (await passkeys.AssertAsync(http, account.Id, passkey.Ticket, passkey.Credential, cancellationToken) is null)
            {
                return await RefusedAsync("passkey");
            }

            proven.Add("hwk");
        }
        else
        {
            if (request.Password is { } password)
            {
                var attempt = await protection.BeginAsync($"reauthenticate:{account.Id}", account.Id, http.Connection.RemoteIpAddress, cancellationToken);
                if (attempt.Wait is { } wait)
                {
                    return SignIn.Throttled(http, wait);
                }

                if (hashing.Verify(account, password) == PasswordVerificationResult.Failed)
                {
                    return await RefusedAsync("password");
                }

                await protection.SucceededAsync(attempt, cancellationToken);
                proven.Add("pwd");
            }

            List<string> missing = [];
            if (account.PasswordHash is not null && request.Password is null)
            {
                missing.Add("password");
            }

            if (account.TwoFactorEnabled && request.TotpCode is null)
            {
                missing.Add("totp");
            }

            if (missing.Count == 0 && account.TwoFactorEnabled)
            {
                var check = await apps.CheckAsync(account.Id, request.TotpCode!, cancellationToken);
                if (check == TotpCheck.Blocked)
                {
                    return await BringSecondFactor.TooManyAsync(http, apps, account.Id, cancellationToken);
                }

                if (check == TotpCheck.Wrong)
                {
                    return await RefusedAsync("totp");
                }

                proven.Add("otp");
            }

            if (missing.Count > 0 || proven.Count == 0)
            {
                return await IncompleteAsync(missing);
            }
        }

        await ProvenAsync(db, user, proven, audit, time, cancellationToken);
        return TypedResults.NoContent();

        async Task<ProblemHttpResult> RefusedAsync(string method)
        {
            audit.Record(AuditActions.ReauthenticationFailed, "account", account.Id, new { method });
            await db.SaveChangesAsync(cancellationToken);
            return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.ReauthenticationFailed, method switch
            {
                "password" => "That is not your password.",
                "totp" => "That code is wrong, or it was used before.",
                _ => "That passkey is not yours, or it took too long. Try again.",
            });
        }

        async Task<ProblemHttpResult> IncompleteAsync(List<string> missing)
        {
            if (await db.Passkeys.AnyAsync(p => p.UserId == account.Id, cancellationToken))
            {
                missing.Add("passkey");
            }

            if (account is { PasswordHash: null, TwoFactorEnabled: false } && await db.UserLogins.AnyAsync(l => l.UserId == account.Id, cancellationToken))
            {
                missing.Add("external");
            }

            var problem = Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.ReauthenticationIncomplete, "More is needed to prove that it is you.");
            problem.ProblemDetails.Extensions["methods"] = missing;
            return problem;
        }
    }

    /// <summary>Saves.</summary>
    public static async Task ProvenAsync(ChatSphereDb db, CurrentUser user, IReadOnlyList<string> methods, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var session = await db.Sessions.SingleAsync(s => s.Id == user.Credential.Id, cancellationToken);
        session.AuthenticatedAt = time.GetUtcNow();
        audit.Record(AuditActions.Reauthenticated, "session", session.Id, new { methods });
        await db.SaveChangesAsync(cancellationToken);
    }
}
