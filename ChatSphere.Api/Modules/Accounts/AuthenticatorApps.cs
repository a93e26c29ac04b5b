using System.Security.Cryptography;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal enum TotpCheck
{
    Right,
    Wrong,

    /// <summary>Not looked at: too many wrong ones came before. See <see cref="AuthenticatorApp.BlockedUntil"/>.</summary>
    Blocked,
}

/// <summary>Keeps the secrets of authenticator apps and checks their codes.</summary>
internal sealed class AuthenticatorApps(ChatSphereDb db, SecretBox secrets, TimeProvider time)
{
    private const string Purpose = "accounts.authenticator-app";
    private static readonly TimeSpan PendingFor = TimeSpan.FromMinutes(30);

    /// <summary>A new secret, which replaces the one in use only when a code has confirmed it.</summary>
    public async Task<string> BeginAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetBytes(TotpCodes.SecretSize);
        var sealed_ = secrets.Protect(Purpose, secret);
        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync(
            $"""
             insert into accounts.authenticator_apps (account_id, sealed_pending, pending_since, last_step, failures) values ({accountId}, {sealed_}, {now}, 0, 0)
             on conflict (account_id) do update set sealed_pending = excluded.sealed_pending, pending_since = excluded.pending_since
             """, cancellationToken);
        return TotpCodes.Base32(secret);
    }

    /// <summary>Puts the pending secret to use if the code is its. The code is spent with that.</summary>
    public async Task<bool> ConfirmAsync(Guid accountId, string code, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var app = await db.AuthenticatorApps.AsNoTracking().SingleOrDefaultAsync(a => a.AccountId == accountId, cancellationToken);
        if (app?.SealedPending is not { } pending || app.PendingSince < now - PendingFor || TotpCodes.Match(secrets.Unprotect(Purpose, pending), code, now) is not { } step)
        {
            return false;
        }

        return await db.AuthenticatorApps.Where(a => a.AccountId == accountId && a.SealedPending == pending).ExecuteUpdateAsync(
            a => a.SetProperty(x => x.SealedSecret, pending).SetProperty(x => x.SealedPending, (byte[]?)null).SetProperty(x => x.PendingSince, (DateTimeOffset?)null)
                .SetProperty(x => x.ConfirmedAt, now).SetProperty(x => x.LastStep, step).SetProperty(x => x.Failures, 0).SetProperty(x => x.BlockedUntil, (DateTimeOffset?)null), cancellationToken) == 1;
    }

    /// <summary>
    /// Checks a code and spends it. From the fifth wrong one in a row the next has to wait, half a minute at first and an hour at last, whatever ticket it comes with: the
    /// million codes would take a century. The owner meanwhile has recovery codes and passkeys, which do not wait.
    /// </summary>
    public async Task<TotpCheck> CheckAsync(Guid accountId, string code, CancellationToken cancellationToken)
    {
        // Counted as wrong before it is looked at, so that a thousand at once are not a thousand tries.
        var now = time.GetUtcNow();
        if (await db.Database.ExecuteSqlAsync(
            $"""
             update accounts.authenticator_apps
             set failures = failures + 1, blocked_until = case when failures >= 4 then {now} + least(interval '1 hour', interval '30 seconds' * power(2, least(failures - 4, 8))) end
             where account_id = {accountId} and sealed_secret is not null and (blocked_until is null or blocked_until <= {now})
             """, cancellationToken) != 1)
        {
            return TotpCheck.Blocked;
        }

        var app = await db.AuthenticatorApps.AsNoTracking().SingleOrDefaultAsync(a => a.AccountId == accountId, cancellationToken);
        return app?.SealedSecret is { } secret && TotpCodes.Match(secrets.Unprotect(Purpose, secret), code, now) is { } step
            && await db.AuthenticatorApps.Where(a => a.AccountId == accountId && a.LastStep < step && a.SealedSecret == secret).ExecuteUpdateAsync(
                a => a.SetProperty(x => x.LastStep, step).SetProperty(x => x.Failures, 0).SetProperty(x => x.BlockedUntil, (DateTimeOffset?)null), cancellationToken) == 1
            ? TotpCheck.Right
            : TotpCheck.Wrong;
    }

    /// <summary>How long until the next code is looked at.</summary>
    public async Task<TimeSpan> WaitAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var until = await db.AuthenticatorApps.Where(a => a.AccountId == accountId).Select(a => a.BlockedUntil).SingleOrDefaultAsync(cancellationToken);
        var wait = (until ?? default) - time.GetUtcNow();
        return wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
    }
}
