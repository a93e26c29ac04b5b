using System.Text.Json;
using ChatSphere.Web.Hosting;
using Microsoft.Extensions.Caching.Memory;
using StackExchange.Redis;

namespace ChatSphere.Web.Sessions;

/// <summary>
/// Sessions in this process, and sealed copies in Redis when there is one. The process's own copy is enough to serve a person, so Redis may go away
/// and come back empty without signing anybody out of a running node; a sign-out on another node arrives as a tombstone.
/// </summary>
public sealed class SessionStore(RedisConnection redis, SecretBox box, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    // Longer than an access token lives: after that the API refuses what another node may still hold.
    private static readonly TimeSpan TombstoneLifetime = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(30);
    private static readonly RedisValue Tombstone = "gone";
    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    public async Task<WebSession?> FindAsync(string id, bool askRedis = false)
    {
        var entry = cache.Get<Entry>(id);
        if (entry is not null && !askRedis && time.GetElapsedTime(entry.CheckedAt) < CheckEvery)
        {
            return entry.Session;
        }

        if (!redis.IsConfigured)
        {
            return entry?.Session;
        }

        var value = await redis.TryAsync<RedisValue?>(async db => await db.StringGetAsync(Key(id)));
        if (value is null)
        {
            return entry?.Session;
        }

        if (value == Tombstone)
        {
            cache.Remove(id);
            return null;
        }

        var stored = value.Value.IsNull ? null : Read(id, value.Value!);
        if (entry is null)
        {
            return stored is null ? null : Keep(stored);
        }

        if (stored is null || stored.Rotation < entry.Session.Rotation)
        {
            await WriteAsync(entry.Session);
            return Keep(entry.Session);
        }

        return Keep(stored);
    }

    public async Task SaveAsync(WebSession session)
    {
        Keep(session);
        await WriteAsync(session);
    }

    public async Task RemoveAsync(string id)
    {
        cache.Remove(id);
        await redis.TryAsync(async db => (object)await db.StringSetAsync(Key(id), Tombstone, TombstoneLifetime));
    }

    /// <summary>Holds the other nodes off while this one refreshes. True as well when Redis cannot be asked: then each node is on its own.</summary>
    public async Task<bool> TryLockRefreshAsync(string id, string owner)
    {
        if (!redis.IsConfigured)
        {
            return true;
        }

        var taken = await redis.TryAsync<bool?>(async db => await db.LockTakeAsync(LockKey(id), owner, TimeSpan.FromSeconds(15)));
        return taken ?? true;
    }

    public Task UnlockRefreshAsync(string id, string owner) => redis.TryAsync(async db => (object)await db.LockReleaseAsync(LockKey(id), owner));

    public void Dispose() => cache.Dispose();

    private WebSession Keep(WebSession session)
    {
        cache.Set(session.Id, new Entry(session, time.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Lifetime });
        return session;
    }

    private Task<object?> WriteAsync(WebSession session) =>
        redis.TryAsync(async db => (object)await db.StringSetAsync(Key(session.Id), box.Seal("sessions", session.Id, JsonSerializer.SerializeToUtf8Bytes(session)), Lifetime));

    private WebSession? Read(string id, byte[] value) =>
        box.Open("sessions", id, value) is { } plain ? JsonSerializer.Deserialize<WebSession>(plain) : null;

    private static RedisKey Key(string id) => "chatsphere:web:session:" + id;

    private static RedisKey LockKey(string id) => "chatsphere:web:refresh:" + id;

    private sealed record Entry(WebSession Session, long CheckedAt);
}
