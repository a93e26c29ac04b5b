using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class BringSecondFactor
{
    private const int MaxFailures = 5;

    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        SecondFactorRequest request, HttpContext http, ChatSphereDb db, OneTimeTokens oneTime, AuthenticatorApps apps, RecoveryCodes codes, SignInSteps steps, AuditTrail audit, SecurityNotices notices,
        CancellationToken cancellationToken)
    {
        var ticket = await oneTime.FindAsync(OneTimePurposes.SecondFactor, request.Ticket, cancellationToken);
        var account = ticket is null ? null : await db.Users.SingleOrDefaultAsync(a => a.Id == ticket.AccountId && a.DisabledAt == null && a.Kind == AccountKind.Person && a.TwoFactorEnabled, cancellationToken);
        if (ticket is null || account is null)
        {
            return Problems.Unauthorized(ErrorCodes.SecondFactorInvalid, "That took too long, or too many codes were wrong. Start again with the first step.");
        }

        var recovering = request.Method == "recovery_code";
        var check = !recovering ? await apps.CheckAsync(account.Id, request.Code, cancellationToken)
            : await codes.UseAsync(account.Id, request.Code, cancellationToken) ? TotpCheck.Right
            : TotpCheck.Wrong;
        if (check == TotpCheck.Blocked)
        {
            return await TooManyAsync(http, apps, account.Id, cancellationToken);
        }

        if (check == TotpCheck.Wrong)
        {
            var mayGoOn = await oneTime.FailedAsync(ticket, MaxFailures, cancellationToken);
            audit.Record(AuditActions.SecondFactorFailed, "account", account.Id, new { request.Method }, actorId: account.Id);
            await db.SaveChangesAsync(cancellationToken);
            return Problems.Unauthorized(ErrorCodes.SecondFactorInvalid, mayGoOn ? "That code is wrong, or it was used before." : "That was the last try. Start again with the first step.");
        }

        // A ticket that somebody else was faster with is worth nothing; the code is spent nevertheless.
        if (!await oneTime.UseAsync(ticket, cancellationToken))
        {
            return Problems.Unauthorized(ErrorCodes.SecondFactorInvalid, "This sign-in was completed already. Start again with the first step.");
        }

        if (recovering)
        {
            var left = await codes.LeftAsync(account.Id, cancellationToken);
            audit.Record(AuditActions.RecoveryCodeUsed, "account", account.Id, new { left }, actorId: account.Id);
            notices.Tell(account, string.Create(CultureInfo.InvariantCulture, $"A recovery code was used to sign in. You have {left} left."));
        }

        return TypedResults.Ok(await steps.StartSessionAsync(http, account, [.. oneTime.State<SignInSteps.Ticket>(ticket).Methods, recovering ? "rec" : "otp"], cancellationToken));
    }

    /// <summary>Codes are not looked at for a while. Said to somebody who has passed the first step.</summary>
    public static async Task<ProblemHttpResult> TooManyAsync(HttpContext http, AuthenticatorApps apps, Guid accountId, CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Ceiling((await apps.WaitAsync(accountId, cancellationToken)).TotalSeconds);
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.Of(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited, $"Too many wrong codes; wait {seconds} s, or use a recovery code or a passkey.");
    }
}
