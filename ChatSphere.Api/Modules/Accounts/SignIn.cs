using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SignIn
{
    /// <summary>An e-mail that nobody has is treated like one with a wrong password, to the count of queries and of rounds.</summary>
    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        SignInRequest request, HttpContext http, UserManager<Account> accounts, PasswordHashing hashing, SignInProtection protection, EmailConfirmation confirmation, SignInSteps steps,
        ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        var account = TextRules.HasUnstorable(request.Email) ? null : await accounts.FindByEmailAsync(request.Email.Trim());
        var attempt = await protection.BeginAsync(request.Email, account?.Id, http.Connection.RemoteIpAddress, cancellationToken);
        if (attempt.Wait is { } wait)
        {
            // No hash: what is refused here is refused by counts that know nothing of accounts, so the time tells nothing.
            return Throttled(http, wait);
        }

        var check = hashing.Verify(account, request.Password);
        if (account is null || check == PasswordVerificationResult.Failed || account.DisabledAt is not null || account.Kind != AccountKind.Person)
        {
            if (attempt.IsThreshold)
            {
                audit.Record(AuditActions.SignInFailed, "account", account?.Id, new { attempt.Failures, attempt.FromKnownNetwork });
                await db.SaveChangesAsync(cancellationToken);
            }

            return Problems.Unauthorized(ErrorCodes.CredentialsInvalid, "E-mail or password is wrong.");
        }

        await protection.SucceededAsync(attempt, cancellationToken);
        if (check == PasswordVerificationResult.SuccessRehashNeeded)
        {
            // Saved with what follows.
            account.PasswordHash = hashing.HashPassword(account, request.Password);
        }

        if (confirmation.IsDemanded && !account.EmailConfirmed)
        {
            return Problems.Unauthorized(ErrorCodes.EmailNotConfirmed, "Confirm your e-mail first: open the link that was mailed to you, or ask for another.");
        }

        return await steps.AfterFirstFactorAsync(http, account, "pwd", cancellationToken);
    }

    /// <summary>429 with <c>Retry-After</c>.</summary>
    public static ProblemHttpResult Throttled(HttpContext http, TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(StatusCodes.Status429TooManyRequests, ErrorCodes.SignInThrottled, $"Too many wrong passwords; wait {seconds} s.");
    }
}
