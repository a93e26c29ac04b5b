using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class ListSessions
{
    public static async Task<Ok<List<SessionResponse>>> HandleAsync(CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // A session whose refresh tokens have all run out is over as well.
        return TypedResults.Ok(await db.Sessions
            .Where(s => s.AccountId == user.AccountId && s.RevokedAt == null && s.ExpiresAt > now && db.RefreshTokens.Any(t => t.SessionId == s.Id && t.ExpiresAt > now))
            .OrderByDescending(s => s.LastUsedAt)
            .Select(s => new SessionResponse(s.Id, s.Device, s.Network, s.Methods, s.CreatedAt, s.LastUsedAt, s.ExpiresAt, s.Id == user.Credential.Id))
            .ToListAsync(cancellationToken));
    }
}

internal static class EndSession
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid sessionId, CurrentUser user, ChatSphereDb db, LiveAccess access, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Sessions.SingleOrDefaultAsync(s => s.Id == sessionId && s.AccountId == user.AccountId && s.RevokedAt == null, cancellationToken) is not { } session)
        {
            return Problems.NotFound();
        }

        session.Revoke("ended", time.GetUtcNow());
        audit.Record(AuditActions.SessionEnded, "session", session.Id);
        await db.SaveChangesAsync(cancellationToken);
        access.Forget(new Credential(session.Id, IsApiKey: false));
        return TypedResults.NoContent();
    }
}

internal static class EndSessions
{
    /// <param name="includingThis">Also the one that asks.</param>
    public static async Task<NoContent> HandleAsync(
        bool? includingThis, CurrentUser user, ChatSphereDb db, LiveAccess access, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var count = await PasswordChange.EndSessionsAsync(db, user.AccountId, includingThis == true ? null : user.Credential.Id, "ended", time.GetUtcNow(), cancellationToken);
        audit.Record(AuditActions.SessionEnded, "account", user.AccountId, new { others = includingThis != true, count });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        access.ForgetAccount(user.AccountId);
        return TypedResults.NoContent();
    }
}
