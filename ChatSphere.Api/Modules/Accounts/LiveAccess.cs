using System.Collections.Concurrent;
using System.Collections.Frozen;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <param name="Permissions">Names from the catalogue.</param>
/// <param name="FactorMissing">A role of theirs requires a second factor that they do not have: until then they may manage their account and nothing else.</param>
internal sealed record Access(Guid AccountId, FrozenSet<string> Permissions, bool FactorMissing);

/// <summary>
/// What sessions and API keys allow, as of a few seconds ago. PostgreSQL is asked at most once in <see cref="Freshness"/> for each of them and node, so that signing out,
/// disabling an account or taking a role works everywhere within that, whether Redis is there or not, and a token that is still valid by its signature alone opens nothing.
/// </summary>
internal sealed class LiveAccess(IServiceScopeFactory scopes, TimeProvider time) : IStreamAccess
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);
    private const int ForgetAbove = 50_000;
    private static readonly FrozenSet<string> Everything = Permissions.All.Select(p => p.Name).ToFrozenSet();
    private static readonly FrozenSet<string> Delegable = Permissions.All.Where(p => p.Delegable).Select(p => p.Name).ToFrozenSet();
    private static readonly FrozenSet<string> UntilFactor = [Permissions.AccountRead.Name, Permissions.AccountManage.Name];
    private readonly ConcurrentDictionary<Credential, (Access? Access, DateTimeOffset AsOf)> _seen = new();

    /// <summary>Null when it has ended, or its account has been disabled.</summary>
    public async ValueTask<Access?> OfAsync(Credential credential, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_seen.TryGetValue(credential, out var seen) && now - seen.AsOf < Freshness)
        {
            return seen.Access;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var access = credential.IsApiKey ? await OfKeyAsync(db, credential.Id, now, cancellationToken) : await OfSessionAsync(db, credential.Id, now, cancellationToken);
        if (_seen.Count > ForgetAbove)
        {
            _seen.Clear();
        }

        _seen[credential] = (access, now);
        return access;
    }

    public async ValueTask<bool> MayAsync(CurrentUser user, Permission permission, CancellationToken cancellationToken) =>
        await OfAsync(user.Credential, cancellationToken) is { } now && now.Permissions.Contains(permission.Name);

    /// <summary>This node looks anew at once; others within <see cref="Freshness"/>.</summary>
    public void Forget(Credential credential) => _seen.TryRemove(credential, out _);

    /// <summary>The same for all credentials of an account: its rights have changed, or it has been disabled.</summary>
    public void ForgetAccount(Guid accountId)
    {
        foreach (var (credential, seen) in _seen)
        {
            if (seen.Access?.AccountId == accountId)
            {
                _seen.TryRemove(credential, out _);
            }
        }
    }

    /// <summary>The same for everybody: what a role grants has changed.</summary>
    public void ForgetEverybody() => _seen.Clear();

    private static async Task<Access?> OfSessionAsync(ChatSphereDb db, Guid sessionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var accountId = await db.Sessions.Where(s => s.Id == sessionId && s.RevokedAt == null && s.ExpiresAt > now).Select(s => (Guid?)s.AccountId).SingleOrDefaultAsync(cancellationToken);
        return accountId is null ? null : await OfAccountAsync(db, accountId.Value, cancellationToken);
    }

    private static async Task<Access?> OfKeyAsync(ChatSphereDb db, Guid keyId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == keyId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancellationToken);
        if (key is null || await OfAccountAsync(db, key.AccountId, cancellationToken) is not { } owner)
        {
            return null;
        }

        if (key.LastUsedAt is null || now - key.LastUsedAt > TimeSpan.FromMinutes(1))
        {
            await db.ApiKeys.Where(k => k.Id == keyId).ExecuteUpdateAsync(k => k.SetProperty(x => x.LastUsedAt, now), cancellationToken);
        }

        return owner with { Permissions = key.Scopes.Where(s => owner.Permissions.Contains(s) && Delegable.Contains(s)).ToFrozenSet() };
    }

    private static async Task<Access?> OfAccountAsync(ChatSphereDb db, Guid accountId, CancellationToken cancellationToken)
    {
        var roles = db.RolesOf(accountId);
        var held = await db.Users.AsNoTracking().Where(a => a.Id == accountId && a.DisabledAt == null).Select(a => new
        {
            HasFactor = a.TwoFactorEnabled || a.Kind == AccountKind.Service || db.Set<IdentityUserPasskey<Guid>>().Any(p => p.UserId == accountId),
            Roles = roles.Select(r => new { r.Id, r.Permissions, r.RequiresMfa }).ToList(),
        }).SingleOrDefaultAsync(cancellationToken);
        if (held is null)
        {
            return null;
        }

        return !held.HasFactor && held.Roles.Any(r => r.RequiresMfa) ? new Access(accountId, UntilFactor, FactorMissing: true)
            : held.Roles.Any(r => r.Id == Role.AdministratorId) ? new Access(accountId, Everything, FactorMissing: false)
            : new Access(accountId, held.Roles.SelectMany(r => r.Permissions).Where(Everything.Contains).ToFrozenSet(), FactorMissing: false);
    }
}
