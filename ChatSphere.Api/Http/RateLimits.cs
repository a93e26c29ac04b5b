using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using ChatSphere.Contracts;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ChatSphere.Api.Http;

public sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>Requests a minute of one account, or of one address before signing in.</summary>
    [Range(1, 1_000_000)]
    public int Default { get; set; } = 1_200;

    /// <summary>Registrations and sign-ins a minute of one address.</summary>
    [Range(1, 1_000_000)]
    public int SignIn { get; set; } = 30;

    /// <summary>Turns a minute of one account.</summary>
    [Range(1, 1_000_000)]
    public int Turns { get; set; } = 120;
}

/// <summary>What a route counts against. Routes without it count against <see cref="Default"/>.</summary>
internal sealed record RateLimitClass(string Name, bool ByAddress, Func<RateLimitOptions, int> Quota)
{
    public static readonly RateLimitClass Default = new("default", false, o => o.Default);
    public static readonly RateLimitClass SignIn = new("sign-in", true, o => o.SignIn);
    public static readonly RateLimitClass Turns = new("turns", false, o => o.Turns);
}

/// <summary>
/// Counts requests in windows of a minute, in Redis for all nodes together; while Redis is away, on this node alone with half the quota. Every answer carries
/// <c>RateLimit</c> and <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers), a refusal <c>Retry-After</c> too.
/// </summary>
internal sealed class RateLimits(RequestDelegate next, IConnectionMultiplexer redis, IOptions<RateLimitOptions> options, TimeProvider time)
{
    private const int WindowSeconds = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AvoidRedisFor = TimeSpan.FromSeconds(5);

    // One round trip, and never a counter without an end.
    private const string Count = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n";

    private readonly ConcurrentDictionary<(string Key, long Window), int> _local = new();
    private long _avoidRedisUntil;
    private long _localWindow;

    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null || !context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments("/scim", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        var limit = endpoint.Metadata.GetMetadata<RateLimitClass>() ?? RateLimitClass.Default;
        var quota = limit.Quota(options.Value);
        var account = limit.ByAddress ? null : context.User.FindFirst(CurrentUser.AccountClaim)?.Value;
        var key = $"{limit.Name}:{account ?? context.Connection.RemoteIpAddress?.ToString() ?? "?"}";
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var window = now / WindowSeconds;
        var secondsLeft = (int)(((window + 1) * WindowSeconds) - now);
        var used = await CountInRedisAsync(key, window);
        if (used is null)
        {
            quota = Math.Max(1, quota / 2);
            used = CountHere(key, window);
        }

        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";q={quota};w={WindowSeconds}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={Math.Max(0, quota - used.Value)};t={secondsLeft}");
        if (used > quota)
        {
            headers.RetryAfter = secondsLeft.ToString(CultureInfo.InvariantCulture);
            await Problems.Of(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited, $"Too many requests; wait {secondsLeft} s.").ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private async Task<int?> CountInRedisAsync(string key, long window)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _avoidRedisUntil))
        {
            return null;
        }

        try
        {
            return (int)await redis.GetDatabase().ScriptEvaluateAsync(Count, [$"chatsphere:rate:{key}:{window}"], [WindowSeconds + 5]).WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Volatile.Write(ref _avoidRedisUntil, time.GetTimestamp() + (long)(AvoidRedisFor.TotalSeconds * time.TimestampFrequency));
            return null;
        }
    }

    private int CountHere(string key, long window)
    {
        if (Interlocked.Exchange(ref _localWindow, window) != window)
        {
            foreach (var old in _local.Keys.Where(k => k.Window != window))
            {
                _local.TryRemove(old, out _);
            }
        }

        return _local.AddOrUpdate((key, window), 1, (_, n) => n + 1);
    }
}
