using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
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

    /// <summary>Messages in channels a minute of one account.</summary>
    [Range(1, 1_000_000)]
    public int ChannelMessages { get; set; } = 120;

    /// <summary>Messages of a payment provider a minute of one address.</summary>
    [Range(1, 1_000_000)]
    public int Webhooks { get; set; } = 600;

    /// <summary>Looks at shared conversations a minute from one address.</summary>
    [Range(1, 1_000_000)]
    public int SharedPages { get; set; } = 120;

    /// <summary>Requests a minute with one API key.</summary>
    [Range(1, 1_000_000)]
    public int ApiKey { get; set; } = 600;

    /// <summary>Requests a minute from one address, whoever makes them. Not of programs on this machine, such as Web, which calls for many.</summary>
    [Range(1, 1_000_000)]
    public int Address { get; set; } = 6_000;

    /// <summary>Requests a minute of one account that read a great deal: exporting and checking the audit log.</summary>
    [Range(1, 1_000_000)]
    public int Expensive { get; set; } = 20;
}

/// <summary>What a route counts against. Routes without it count against <see cref="Default"/>.</summary>
internal sealed record RateLimitClass(string Name, bool ByAddress, Func<RateLimitOptions, int> Quota)
{
    public static readonly RateLimitClass Default = new("default", false, o => o.Default);
    public static readonly RateLimitClass SignIn = new("sign-in", true, o => o.SignIn);
    public static readonly RateLimitClass Turns = new("turns", false, o => o.Turns);
    public static readonly RateLimitClass ChannelMessages = new("channel-messages", false, o => o.ChannelMessages);
    public static readonly RateLimitClass Webhooks = new("webhooks", true, o => o.Webhooks);
    public static readonly RateLimitClass SharedPages = new("shared-pages", true, o => o.SharedPages);
    public static readonly RateLimitClass Expensive = new("expensive", false, o => o.Expensive);
}

/// <summary>
/// Counts requests in windows of a minute, in Redis for all nodes together; while Redis is away, on this node alone with half the quota. A request counts against its route's
/// class (by account, or by address before signing in), its API key and its address. Every answer carries <c>RateLimit</c> and <c>RateLimit-Policy</c>
/// (draft-ietf-httpapi-ratelimit-headers) with all that apply, a refusal <c>Retry-After</c> too.
/// </summary>
internal sealed class RateLimits(RequestDelegate next, IConnectionMultiplexer redis, IOptions<RateLimitOptions> options, TimeProvider time)
{
    private const int WindowSeconds = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AvoidRedisFor = TimeSpan.FromSeconds(5);

    // One round trip for all of them, and never a counter without an end.
    private const string Count = """
        local counts = {}
        for i, key in ipairs(KEYS) do
          counts[i] = redis.call('INCR', key)
          if counts[i] == 1 then redis.call('EXPIRE', key, ARGV[1]) end
        end
        return counts
        """;

    private readonly ConcurrentDictionary<(string Key, long Window), int> _local = new();
    private long _avoidRedisUntil;
    private long _localWindow;

    private readonly record struct Limit(string Name, string Key, int Quota);

    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null || !context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) && !context.Request.Path.StartsWithSegments("/scim", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        var limits = Of(context, endpoint.Metadata.GetMetadata<RateLimitClass>() ?? RateLimitClass.Default);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var window = now / WindowSeconds;
        var secondsLeft = (int)(((window + 1) * WindowSeconds) - now);
        var used = await CountInRedisAsync(limits, window);
        if (used is null)
        {
            limits = limits.ConvertAll(l => l with { Quota = Math.Max(1, l.Quota / 2) });
            used = [.. limits.Select(l => CountHere(l.Key, window))];
        }

        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Join(", ", limits.Select(l => string.Create(CultureInfo.InvariantCulture, $"\"{l.Name}\";q={l.Quota};w={WindowSeconds}")));
        headers["RateLimit"] = string.Join(", ", limits.Select((l, i) => string.Create(CultureInfo.InvariantCulture, $"\"{l.Name}\";r={Math.Max(0, l.Quota - used[i])};t={secondsLeft}")));
        if (limits.Where((l, i) => used[i] > l.Quota).Any())
        {
            headers.RetryAfter = secondsLeft.ToString(CultureInfo.InvariantCulture);
            await Problems.Of(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited, $"Too many requests; wait {secondsLeft} s.").ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private List<Limit> Of(HttpContext context, RateLimitClass route)
    {
        var address = context.Connection.RemoteIpAddress;
        var caller = Addresses.CallerOf(address);
        var account = route.ByAddress ? null : context.User.FindFirst(CurrentUser.AccountClaim)?.Value;
        var limits = new List<Limit>(3);

        // A key has a quota of its own instead of its owner's common one, so that a program does not take the person's place, nor the other way round.
        var key = account is null ? null : context.User.FindFirst(CurrentUser.ApiKeyClaim)?.Value;
        if (key is null || route != RateLimitClass.Default)
        {
            limits.Add(new Limit(route.Name, $"{route.Name}:{account ?? caller}", route.Quota(options.Value)));
        }

        if (key is not null)
        {
            limits.Add(new Limit("api-key", $"api-key:{key}", options.Value.ApiKey));
        }

        if (address is not null && !IPAddress.IsLoopback(address.Plain()))
        {
            limits.Add(new Limit("address", $"address:{caller}", options.Value.Address));
        }

        return limits;
    }

    private async Task<int[]?> CountInRedisAsync(List<Limit> limits, long window)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _avoidRedisUntil))
        {
            return null;
        }

        try
        {
            return (int[]?)await redis.GetDatabase().ScriptEvaluateAsync(Count, [.. limits.Select(l => (RedisKey)$"chatsphere:rate:{l.Key}:{window}")], [WindowSeconds + 5]).WaitAsync(Patience, time);
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
