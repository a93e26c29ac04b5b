using System.Security.Claims;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SignOut
{
    /// <summary>Works with the refresh token alone, so that a client whose access token has expired can still end its session.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        RefreshRequest? request, ClaimsPrincipal principal, ChatSphereDb db, LiveAccess access, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var sessionId = Guid.TryParse(principal.FindFirst(CurrentUser.SessionClaim)?.Value, out var id) ? id
            : request is null ? null : await RefreshTokens.SessionOfAsync(db, request.RefreshToken, cancellationToken);
        if (sessionId is null)
        {
            return Problems.Unauthorized(ErrorCodes.TokenInvalid, "Send the access token or the refresh token of the session to end.");
        }

        if (await db.Sessions.SingleOrDefaultAsync(s => s.Id == sessionId, cancellationToken) is { } session)
        {
            session.Revoke("signed_out", time.GetUtcNow());
            audit.Record(AuditActions.SignedOut, "session", session.Id, actorId: session.AccountId);
            await db.SaveChangesAsync(cancellationToken);
            access.Forget(new Credential(session.Id, IsApiKey: false));
        }

        return TypedResults.NoContent();
    }
}
