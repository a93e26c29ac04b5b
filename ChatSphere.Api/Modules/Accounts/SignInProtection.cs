using System.Net;
using System.Security.Cryptography;
using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// Slows down who guesses passwords. Every attempt is counted before its password is looked at, so attempts at the same moment on all nodes cannot slip through
/// together, and the count is taken back when the password was right. Strangers share one count for an account; a network that the account has signed in from has a
/// count of its own, so that strangers cannot keep the owner out. In PostgreSQL, because Redis may be away. See docs/accounts.md.
/// </summary>
internal sealed class SignInProtection(ChatSphereDb db, SecretBox secrets, IOptions<SignInProtectionOptions> options, TimeProvider time)
{
    /// <param name="Wait">Not null: refused, and when to come back.</param>
    /// <param name="Failures">Of the account's count, this attempt included.</param>
    /// <param name="IsThreshold">A failure from here on is worth writing down.</param>
    public sealed record Attempt(byte[] AccountKey, byte[]? NetworkKey, DateTimeOffset At, TimeSpan? Wait, int Failures, bool IsThreshold, bool FromKnownNetwork);

    /// <param name="who">The e-mail as given; for checks of the signed-in person the account's id.</param>
    /// <param name="accountId">Null for an e-mail that nobody has; everything else is then done all the same.</param>
    public async Task<Attempt> BeginAsync(string who, Guid? accountId, IPAddress? address, CancellationToken cancellationToken)
    {
        var limits = options.Value;

        // PostgreSQL keeps microseconds.
        var now = time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        var network = RequestActor.NetworkOf(address) ?? "";
        var id = accountId ?? Guid.Empty;
        var known = await db.Sessions.AnyAsync(s => s.AccountId == id && s.Network == network && s.RevokedBecause != "token_reused", cancellationToken);
        var name = PasswordHashing.Normalized(who.Trim()).ToUpperInvariant();
        var accountKey = known ? Key($"known|{network}|{name}") : Key($"strangers|{name}");

        // On this machine sits a front end that does not say for whom it asks: to slow it down would be to lock out everybody.
        var networkKey = known || address is null || IPAddress.IsLoopback(address) ? null : Key($"network|{network}");
        var free = known ? limits.FreeFromKnownNetwork : limits.FreeFromStrangers;
        if (networkKey is not null && await CountAsync(networkKey, limits.FreeFromNetwork, limits.ForgetNetworkAfter, now, cancellationToken) is { Wait: { } networkWait })
        {
            return new Attempt(accountKey, null, now, networkWait, 0, IsThreshold: false, known);
        }

        var (failures, wait) = await CountAsync(accountKey, free, limits.ForgetAccountAfter, now, cancellationToken);
        return new Attempt(accountKey, networkKey, now, wait, failures, failures >= free, known);
    }

    /// <summary>The password was right: the account's count starts over, and the network's forgets this attempt.</summary>
    public async Task SucceededAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        await db.SignInCounts.Where(c => c.Key == attempt.AccountKey).ExecuteDeleteAsync(cancellationToken);
        if (attempt.NetworkKey is { } key)
        {
            // A wait that another attempt has caused meanwhile stays.
            await db.Database.ExecuteSqlAsync($"""
                update accounts.sign_in_counts set failures = greatest(failures - 1, 0), blocked_until = case when last_attempt_at = {attempt.At} then null else blocked_until end
                where key = {key}
                """, cancellationToken);
        }
    }

    /// <summary>After a reset by mail whoever reads the mail is the owner, and strangers' failures are forgotten.</summary>
    public Task ForgiveStrangersAsync(string email, CancellationToken cancellationToken)
    {
        var key = Key($"strangers|{PasswordHashing.Normalized(email.Trim()).ToUpperInvariant()}");
        return db.SignInCounts.Where(c => c.Key == key).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>One statement: it counts and begins the next wait, or, while a wait lasts, does nothing.</summary>
    private async Task<(int Failures, TimeSpan? Wait)> CountAsync(byte[] key, int free, TimeSpan forgetAfter, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (forget, first, longest) = (now - forgetAfter, options.Value.FirstWait.TotalSeconds, options.Value.LongestWait.TotalSeconds);
        var firstBlock = free <= 1 ? now + TimeSpan.FromSeconds(Math.Min(first, longest)) : (DateTimeOffset?)null;
        var counted = await db.Database.SqlQuery<int>($"""
            insert into accounts.sign_in_counts as c (key, failures, last_attempt_at, blocked_until) values ({key}, 1, {now}, {firstBlock})
            on conflict (key) do update set
                failures = case when c.last_attempt_at < {forget} then 1 else c.failures + 1 end,
                last_attempt_at = {now},
                blocked_until = case
                    when c.last_attempt_at < {forget} then {firstBlock}
                    when c.failures + 1 >= {free} then {now} + make_interval(secs => least({first} * power(2::float8, least(c.failures + 1 - {free}, 30)), {longest}))
                end
            where c.blocked_until is null or c.blocked_until <= {now}
            returning failures as "Value"
            """).ToListAsync(cancellationToken);
        if (counted is [var failures])
        {
            return (failures, null);
        }

        var until = await db.SignInCounts.Where(c => c.Key == key).Select(c => c.BlockedUntil).SingleOrDefaultAsync(cancellationToken);
        var wait = (until ?? now) - now;
        return (0, wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1));
    }

    private byte[] Key(string text) => HMACSHA256.HashData(secrets.DeriveKey("accounts.sign-in-counts"), Encoding.UTF8.GetBytes(text));
}
