using System.Security.Cryptography;
using System.Text.Json;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Hands out and takes back <see cref="OneTimeToken"/>s: random, stored as a hash, for one purpose, short-lived, good once on whichever node.</summary>
internal sealed class OneTimeTokens(ChatSphereDb db, SecretBox secrets, TimeProvider time)
{
    private const string SealPurpose = "accounts.one-time-token";

    /// <summary>Adds a token; the caller saves and hands the text out.</summary>
    /// <param name="state">What must be remembered; serialised and sealed.</param>
    public string Issue(string purpose, Guid? accountId, TimeSpan lifetime, object? state = null)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var (token, hash) = OpaqueTokens.Create(id);
        db.OneTimeTokens.Add(new OneTimeToken
        {
            Id = id,
            Purpose = purpose,
            AccountId = accountId,
            SecretHash = hash,
            SealedState = state is null ? null : secrets.Protect(SealPurpose, JsonSerializer.SerializeToUtf8Bytes(state)),
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        });
        return token;
    }

    /// <summary>The token if it is good for this purpose at this moment; null for anything else. Does not use it up.</summary>
    public async Task<OneTimeToken?> FindAsync(string purpose, string? token, CancellationToken cancellationToken)
    {
        if (token is null || !OpaqueTokens.TryRead(token, out var id, out var hash))
        {
            return null;
        }

        var now = time.GetUtcNow();
        var found = await db.OneTimeTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id && t.Purpose == purpose && t.UsedAt == null && t.ExpiresAt > now, cancellationToken);
        return found is not null && CryptographicOperations.FixedTimeEquals(found.SecretHash, hash) ? found : null;
    }

    /// <summary>Uses it up. False: somebody else was faster. In the caller's transaction if there is one.</summary>
    public async Task<bool> UseAsync(OneTimeToken token, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await db.OneTimeTokens.Where(t => t.Id == token.Id && t.UsedAt == null && t.ExpiresAt > now).ExecuteUpdateAsync(t => t.SetProperty(x => x.UsedAt, now), cancellationToken) == 1;
    }

    /// <summary>Counts a wrong code. False: that was the last try, and the token is gone.</summary>
    public async Task<bool> FailedAsync(OneTimeToken token, int maxFailures, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await db.OneTimeTokens.Where(t => t.Id == token.Id).ExecuteUpdateAsync(
            t => t.SetProperty(x => x.Failures, x => x.Failures + 1).SetProperty(x => x.UsedAt, x => x.Failures + 1 >= maxFailures ? now : x.UsedAt), cancellationToken);
        return await db.OneTimeTokens.AnyAsync(t => t.Id == token.Id && t.UsedAt == null, cancellationToken);
    }

    /// <summary>Whatever is still out for this purpose and account is worthless from now on.</summary>
    public Task RevokeAsync(string purpose, Guid accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.OneTimeTokens.Where(t => t.AccountId == accountId && t.Purpose == purpose && t.UsedAt == null).ExecuteUpdateAsync(t => t.SetProperty(x => x.UsedAt, now), cancellationToken);
    }

    public T State<T>(OneTimeToken token) => JsonSerializer.Deserialize<T>(secrets.Unprotect(SealPurpose, token.SealedState!))!;
}
