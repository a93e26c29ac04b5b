using System.Collections.Concurrent;
using ChatSphere.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// Which sessions have not ended, as of a few seconds ago. PostgreSQL is asked at most once in <see cref="Freshness"/> for each session and node, so that signing out
/// works everywhere within that, whether Redis is there or not, and a token that is still valid by its signature alone opens nothing.
/// </summary>
internal sealed class LiveSessions(IServiceScopeFactory scopes, TimeProvider time)
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);
    private const int ForgetAbove = 50_000;
    private readonly ConcurrentDictionary<Guid, (bool Live, DateTimeOffset AsOf)> _seen = new();

    public async ValueTask<bool> IsLiveAsync(Guid sessionId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_seen.TryGetValue(sessionId, out var seen) && now - seen.AsOf < Freshness)
        {
            return seen.Live;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var live = await db.Sessions.AnyAsync(
            s => s.Id == sessionId && s.RevokedAt == null && s.ExpiresAt > now && db.Users.Any(a => a.Id == s.AccountId && a.DisabledAt == null), cancellationToken);
        if (_seen.Count > ForgetAbove)
        {
            _seen.Clear();
        }

        _seen[sessionId] = (live, now);
        return live;
    }

    /// <summary>This node knows at once.</summary>
    public void Ended(Guid sessionId) => _seen[sessionId] = (false, time.GetUtcNow());
}
