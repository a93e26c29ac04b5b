using System.Buffers.Text;
using System.Security.Cryptography;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// Refresh tokens: an id and a secret, together 48 bytes in base64url. The secret is an HMAC of the id under a key that is not in the database, so a successor can be
/// given out a second time within the grace without ever having been stored; the database holds its hash only.
/// </summary>
internal sealed class RefreshTokens(SecretBox secrets, IOptions<TokenOptions> options, TimeProvider time)
{
    // After a rotation the first makes new tokens, and the others know again what they made.
    private readonly byte[][] _keys = [.. secrets.DeriveKeys("accounts.refresh-token")];

    /// <summary>The first token of a session; the caller saves.</summary>
    public string Begin(ChatSphereDb db, Session session)
    {
        var now = time.GetUtcNow();
        return Add(db, Guid.CreateVersion7(now), session, now);
    }

    /// <summary>
    /// Uses a token up. Its successor, and whose it is; null when it is unknown, expired or its session has ended. Used before, it gives the same successor within
    /// the grace, and ends the whole session after it: somebody else has a copy.
    /// </summary>
    public async Task<(Session Session, string Token)?> RotateAsync(ChatSphereDb db, string token, string? network, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        if (!OpaqueTokens.TryRead(token, out var id, out var hash))
        {
            return null;
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The row's lock puts parallel refreshes with the same token in line: the first makes the successor, the others get the same.
        var stored = await db.RefreshTokens.FromSql($"select * from accounts.refresh_tokens where id = {id} for update").AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (stored is null || !CryptographicOperations.FixedTimeEquals(stored.SecretHash, hash))
        {
            return null;
        }

        var session = await db.Sessions.SingleAsync(s => s.Id == stored.SessionId, cancellationToken);
        if (session.RevokedAt is not null || session.ExpiresAt <= now || stored.ExpiresAt <= now || await db.Users.AnyAsync(a => a.Id == session.AccountId && a.DisabledAt != null, cancellationToken))
        {
            return null;
        }

        string successor;
        if (stored.UsedAt is null)
        {
            var successorId = Guid.CreateVersion7(now);
            session.Used(network, now);
            successor = Add(db, successorId, session, now);
            await db.RefreshTokens.Where(t => t.Id == id).ExecuteUpdateAsync(t => t.SetProperty(x => x.UsedAt, now).SetProperty(x => x.SuccessorId, successorId), cancellationToken);
        }
        else if (now - stored.UsedAt <= options.Value.ReuseGrace)
        {
            var made = await db.RefreshTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == stored.SuccessorId, cancellationToken);
            if (made is null || _keys.FirstOrDefault(k => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Secret(k, made.Id)), made.SecretHash)) is not { } key)
            {
                // Made under a key that was taken away within these seconds: no theft, but the successor cannot be told again.
                return null;
            }

            successor = Format(key, made.Id);
        }
        else
        {
            session.Revoke("token_reused", now);
            audit.Record(AuditActions.RefreshTokenReused, "session", session.Id, actorId: session.AccountId);
            notices.Tell(
                await db.Users.SingleAsync(a => a.Id == session.AccountId, cancellationToken),
                $"Two programs used the same sign-in ({session.Device}), which happens when somebody has copied it. That device was signed out. If this was not you, change your password.");
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return null;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (session, successor);
    }

    /// <summary>The session that a token belongs to, used or not; null when it is none of ours.</summary>
    public static async Task<Guid?> SessionOfAsync(ChatSphereDb db, string token, CancellationToken cancellationToken)
    {
        if (!OpaqueTokens.TryRead(token, out var id, out var hash))
        {
            return null;
        }

        var stored = await db.RefreshTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        return stored is not null && CryptographicOperations.FixedTimeEquals(stored.SecretHash, hash) ? stored.SessionId : null;
    }

    private string Add(ChatSphereDb db, Guid id, Session session, DateTimeOffset now)
    {
        var expires = now + options.Value.RefreshTokenLifetime;
        db.RefreshTokens.Add(RefreshToken.Create(id, session.Id, SHA256.HashData(Secret(_keys[0], id)), now, expires < session.ExpiresAt ? expires : session.ExpiresAt));
        return Format(_keys[0], id);
    }

    private static byte[] Secret(byte[] key, Guid id) => HMACSHA256.HashData(key, id.ToByteArray(bigEndian: true));

    private static string Format(byte[] key, Guid id) => Base64Url.EncodeToString([.. id.ToByteArray(bigEndian: true), .. Secret(key, id)]);
}
