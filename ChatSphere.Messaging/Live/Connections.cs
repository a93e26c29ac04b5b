using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ChatSphere.Messaging.Live;

/// <summary>Whether anything of an account's is connected.</summary>
public enum Connectedness
{
    None,

    /// <summary>On no device was anything done for a while.</summary>
    Idle,
    Active,
}

/// <summary>
/// Who is connected, on all nodes together: in Redis, a field for each connection in a hash for each account, each with a time after which it does not count. A node says
/// again every <see cref="Beat"/> that its connections are there; those of a node that died run out, and whichever node notices says so. Nothing of it is ever in the database.
/// </summary>
public sealed partial class Connections(IConnectionMultiplexer redis, TimeProvider time, ILogger<Connections> logger) : BackgroundService
{
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);

    // Coming and going, however often, is looked at once in this time.
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly RedisKey Ends = "chatsphere:presence:ends";
    private static readonly RedisChannel IdleChannel = new("chatsphere:presence:idle", RedisChannel.PatternMode.Literal);

    // Drops what has run out, and says what is left: 0 nothing, 1 idle, 2 active.
    private const string Look = """
        local found = 0
        local fields = redis.call('HGETALL', KEYS[1])
        for i = 1, #fields, 2 do
          if fields[i] ~= 'shown' then
            local state, ends = string.match(fields[i + 1], '(%d):(%d+)')
            if tonumber(ends) < tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], fields[i])
            elseif tonumber(state) > found then found = tonumber(state) end
          end
        end
        return found
        """;

    // Remembers what others have been told, and whether that is news.
    private const string Show = """
        local before = redis.call('HGET', KEYS[1], 'shown')
        if before == ARGV[1] or (not before and ARGV[1] == 'Offline') then return 0 end
        redis.call('HSET', KEYS[1], 'shown', ARGV[1])
        redis.call('EXPIRE', KEYS[1], 86400)
        return 1
        """;

    private readonly ConcurrentDictionary<Guid, (Guid Account, bool Idle)> _here = new();
    private readonly ConcurrentDictionary<Guid, byte> _settling = new();

    /// <summary>What to do when an account may look different now. Called in the background; when it says that it could not, again after <see cref="Settle"/>.</summary>
    public Func<Guid, Task<bool>>? Changed { get; set; }

    /// <summary>A connection is there until the result is disposed of.</summary>
    public IDisposable Enter(Guid accountId, Guid connectionId)
    {
        _here[connectionId] = (accountId, false);
        _ = SayAndLookAsync(accountId, connectionId);
        return new Leaving(this, connectionId);
    }

    private async Task SayAndLookAsync(Guid accountId, Guid connectionId)
    {
        await SayAsync([(connectionId, accountId, false)]);
        Settled(accountId, TimeSpan.Zero);
    }

    private void Leave(Guid connectionId)
    {
        if (!_here.TryRemove(connectionId, out var left))
        {
            return;
        }

        _ = QuietlyAsync(() => redis.GetDatabase().HashDeleteAsync(Key(left.Account), connectionId.ToString("n")));

        // Who only loads a page anew is back by then.
        Settled(left.Account, Settle);
    }

    /// <summary>Of a connection on any node, if it is this account's.</summary>
    public void SayIdle(Guid accountId, Guid connectionId, bool idle) => _ = QuietlyAsync(() => redis.GetSubscriber().PublishAsync(IdleChannel, $"{accountId:n}:{connectionId:n}:{(idle ? 1 : 0)}"));

    /// <summary>The account's choices may have changed: look at it now.</summary>
    public void LookAt(Guid accountId) => Settled(accountId, TimeSpan.Zero);

    /// <summary>Null: Redis does not answer.</summary>
    public async Task<Connectedness?> OfAsync(Guid accountId)
    {
        try
        {
            return (Connectedness)(int)await redis.GetDatabase().ScriptEvaluateAsync(Look, [Key(accountId)], [Now()]).WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
            return null;
        }
    }

    /// <summary>What others were last told of these accounts; nothing for those of whom they were told nothing.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> ShownAsync(IReadOnlyList<Guid> accounts)
    {
        try
        {
            var database = redis.GetDatabase();
            var shown = await Task.WhenAll(accounts.Select(a => database.HashGetAsync(Key(a), "shown"))).WaitAsync(Patience, time);
            return accounts.Zip(shown).Where(s => s.Second.HasValue).ToDictionary(s => s.First, s => (string)s.Second!);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
            return new Dictionary<Guid, string>();
        }
    }

    /// <summary>True: others have not been told this yet, and this caller is the one to tell them. Null: Redis does not answer.</summary>
    public async Task<bool?> IsNewsAsync(Guid accountId, string status)
    {
        try
        {
            return (int)await redis.GetDatabase().ScriptEvaluateAsync(Show, [Key(accountId)], [status]).WaitAsync(Patience, time) == 1;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
            return null;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _ = QuietlyAsync(() => redis.GetSubscriber().SubscribeAsync(IdleChannel, (_, value) => Heard(value!)));
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SayAsync([.. _here.Select(c => (c.Key, c.Value.Account, c.Value.Idle))]);
                await QuietlyAsync(FindEndedAsync);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Heard(string said)
    {
        if (said.Split(':') is [var account, var connection, var idle] && Guid.TryParse(account, out var accountId) && Guid.TryParse(connection, out var connectionId)
            && _here.TryGetValue(connectionId, out var here) && here.Account == accountId && here.Idle != (idle == "1") && _here.TryUpdate(connectionId, (accountId, idle == "1"), here))
        {
            _ = SayAsync([(connectionId, accountId, idle == "1")]);
            Settled(accountId, Settle);
        }
    }

    private Task SayAsync(IReadOnlyList<(Guid Connection, Guid Account, bool Idle)> connections) => QuietlyAsync(async () =>
    {
        var database = redis.GetDatabase();
        var ends = time.GetUtcNow().Add(Lasts).ToUnixTimeSeconds();
        foreach (var some in connections.Chunk(500))
        {
            await Task.WhenAll(some.SelectMany(c => new Task[]
            {
                database.HashSetAsync(Key(c.Account), c.Connection.ToString("n"), $"{(c.Idle ? 1 : 2)}:{ends}"),
                database.KeyExpireAsync(Key(c.Account), TimeSpan.FromDays(1)),
                database.SortedSetAddAsync(Ends, c.Account.ToString("n"), ends),
            }));
        }
    });

    /// <summary>Accounts whose connections have all run out without a word: whichever node takes one out of the list looks after it.</summary>
    private async Task FindEndedAsync()
    {
        var database = redis.GetDatabase();
        foreach (var account in await database.SortedSetRangeByScoreAsync(Ends, double.NegativeInfinity, double.Parse(Now(), CultureInfo.InvariantCulture), take: 200))
        {
            if (await database.SortedSetRemoveAsync(Ends, account))
            {
                LookAt(Guid.Parse((string)account!));
            }
        }
    }

    private void Settled(Guid accountId, TimeSpan after)
    {
        // What happens while it waits is looked at with it.
        if (_settling.TryAdd(accountId, 0))
        {
            _ = LookSoonAsync(accountId, after);
        }
    }

    private async Task LookSoonAsync(Guid accountId, TimeSpan after)
    {
        await Task.Delay(after, time);
        _settling.TryRemove(accountId, out _);
        if (Changed is { } changed && !await changed(accountId))
        {
            Settled(accountId, Settle);
        }
    }

    private async Task QuietlyAsync(Func<Task> act)
    {
        try
        {
            await act().WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
        }
    }

    private sealed class Leaving(Connections connections, Guid connectionId) : IDisposable
    {
        public void Dispose() => connections.Leave(connectionId);
    }

    private string Now() => time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static RedisKey Key(Guid accountId) => $"chatsphere:presence:{accountId:n}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis did not answer for presence: {Kind}")]
    private static partial void LogAway(ILogger logger, string kind);
}
