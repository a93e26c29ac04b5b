using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static class Refresh
{
    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> HandleAsync(
        RefreshRequest request, HttpContext http, ChatSphereDb db, RefreshTokens refreshTokens, AccessTokens accessTokens, AuditTrail audit, SecurityNotices notices, IOptions<TokenOptions> options, CancellationToken cancellationToken)
    {
        if (await refreshTokens.RotateAsync(db, request.RefreshToken, Network(http), audit, notices, cancellationToken) is not (var session, var successor))
        {
            return Problems.Unauthorized(ErrorCodes.RefreshTokenInvalid, "The refresh token is not valid any more. Sign in again.");
        }

        var accessToken = await accessTokens.IssueAsync(session.AccountId, session.Id, cancellationToken);
        return TypedResults.Ok(new TokenResponse(accessToken, (int)options.Value.AccessTokenLifetime.TotalSeconds, successor));
    }

    // A front end on this machine that does not say whose session it renews must not make its own address a known one.
    private static string? Network(HttpContext http) => http.Connection.RemoteIpAddress is { } address && !System.Net.IPAddress.IsLoopback(address) ? RequestActor.NetworkOf(address) : null;
}
