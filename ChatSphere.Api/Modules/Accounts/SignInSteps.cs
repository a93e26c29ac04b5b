using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>What every way of signing in has in common, once it knows who it is.</summary>
internal sealed class SignInSteps(
    ChatSphereDb db, OneTimeTokens oneTime, RefreshTokens refreshTokens, AccessTokens accessTokens, SecurityNotices notices, AuditTrail audit, IOptions<TokenOptions> options, TimeProvider time)
{
    public static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(10);

    /// <summary>What a second-factor ticket remembers.</summary>
    public sealed record Ticket(List<string> Methods);

    /// <summary>After one factor: a session, or, when the account has a second one, 401 <c>second_factor_needed</c> with a ticket to bring it.</summary>
    /// <param name="method">By RFC 8176: <c>pwd</c>, <c>fed</c>.</param>
    public async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> AfterFirstFactorAsync(HttpContext http, Account account, string method, CancellationToken cancellationToken)
    {
        var methods = new List<string>();
        if (account.TwoFactorEnabled)
        {
            methods.AddRange("totp", "recovery_code");
        }

        if (await db.Set<IdentityUserPasskey<Guid>>().AnyAsync(p => p.UserId == account.Id, cancellationToken))
        {
            methods.Add("passkey");
        }

        // A passkey alone is a way in, not a demand: only with an authenticator app has the person asked for two steps. A role may demand them all the same.
        if (!account.TwoFactorEnabled && !(methods.Count > 0 && await db.RequiresFactorAsync(account.Id, cancellationToken)))
        {
            return TypedResults.Ok(await StartSessionAsync(http, account, [method], cancellationToken));
        }

        var ticket = oneTime.Issue(OneTimePurposes.SecondFactor, account.Id, TicketLifetime, new Ticket([method]));
        await db.SaveChangesAsync(cancellationToken);
        var problem = Problems.Unauthorized(ErrorCodes.SecondFactorNeeded, "Bring the second factor.");
        problem.ProblemDetails.Extensions["ticket"] = ticket;
        problem.ProblemDetails.Extensions["methods"] = methods;
        return problem;
    }

    /// <summary>Begins a session. Saves.</summary>
    public async Task<TokenResponse> StartSessionAsync(HttpContext http, Account account, IEnumerable<string> methods, CancellationToken cancellationToken)
    {
        var session = Session.Start(
            account.Id, time.GetUtcNow(), options.Value.SessionLifetime, methods, Devices.Name(http.Request.Headers.UserAgent.ToString()), RequestActor.NetworkOf(http.Connection.RemoteIpAddress));

        // Not of the first one: everything would be new.
        var earlier = await db.Sessions.Where(s => s.AccountId == account.Id).Select(s => new { s.Device, s.Network }).Distinct().ToListAsync(cancellationToken);
        if (earlier.Count > 0 && !earlier.Exists(s => s.Device == session.Device && s.Network == session.Network))
        {
            notices.TellOfNewSignIn(account, session);
        }

        db.Sessions.Add(session);
        var refreshToken = refreshTokens.Begin(db, session);
        audit.Record(AuditActions.SignedIn, "session", session.Id, new { session.Methods }, actorId: account.Id);
        await db.SaveChangesAsync(cancellationToken);
        return new TokenResponse(await accessTokens.IssueAsync(account.Id, session.Id, cancellationToken), (int)options.Value.AccessTokenLifetime.TotalSeconds, refreshToken);
    }
}
