using System.Collections.Concurrent;
using System.Globalization;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ChatSphere.Messaging.Live;

/// <param name="Seq">From 1, without gaps.</param>
/// <param name="Data">JSON.</param>
public sealed record TurnEvent(int Seq, string Name, string Data);

/// <summary>
/// The events of answers being written, in one Redis stream each, so that any node can serve them to any reader from any point. An entry's id is
/// <c>{seq}-0</c>. Lost with Redis; the finished answer is in PostgreSQL.
/// </summary>
public sealed partial class TurnStreams(IConnectionMultiplexer redis, ContentSeal seal, ILogger<TurnStreams> logger)
{
    private readonly ConcurrentDictionary<Guid, Watch> _watches = new();
    private const int LifetimeSeconds = 3600;
    private static readonly RedisChannel StopChannel = new("chatsphere:turns:stop", RedisChannel.PatternMode.Literal);

    /// <summary>Appends in order and wakes the readers. Never throws: with Redis away, the turn goes on for readers on its own node.</summary>
    /// <returns>False when Redis did not take it.</returns>
    public async Task<bool> AppendAsync(Guid turnId, IReadOnlyList<TurnEvent> events)
    {
        try
        {
            var key = Key(turnId);
            var database = redis.GetDatabase();
            var writes = new List<Task>(events.Count + 2);
            foreach (var e in events)
            {
                writes.Add(database.ExecuteAsync("XADD", key, $"{e.Seq}-0", "e", e.Name, "d", seal.Seal(ContentPurposes.Stream, e.Data)));
            }

            if (events[0].Seq == 1)
            {
                writes.Add(database.KeyExpireAsync(key, TimeSpan.FromSeconds(LifetimeSeconds)));
            }

            writes.Add(redis.GetSubscriber().PublishAsync(Channel(turnId), events[^1].Seq));
            await Task.WhenAll(writes).WaitAsync(TimeSpan.FromSeconds(5));
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
            return false;
        }
    }

    /// <summary>The events after <paramref name="after"/> that are there now. Null when Redis does not answer, empty also when there is no such stream.</summary>
    public async Task<IReadOnlyList<TurnEvent>?> ReadAsync(Guid turnId, int after)
    {
        try
        {
            // {after}-1 is the first id behind {after}-0; the exclusive form "(" needs Redis 6.2.
            var entries = (RedisResult[])(await redis.GetDatabase().ExecuteAsync("XRANGE", Key(turnId), $"{after}-1", "+", "COUNT", "500").WaitAsync(TimeSpan.FromSeconds(5)))!;
            var events = new List<TurnEvent>(entries.Length);
            foreach (var entry in entries)
            {
                var parts = (RedisResult[])entry!;
                var fields = (RedisValue[])parts[1]!;
                var id = (string)parts[0]!;
                events.Add(new TurnEvent(int.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture), fields[1]!, seal.Open(ContentPurposes.Stream, fields[3]!)));
            }

            return events;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
            return null;
        }
    }

    /// <summary>Removes a stream and wakes its readers, who then take the message as it is kept.</summary>
    public async Task DropAsync(Guid turnId)
    {
        try
        {
            await redis.GetDatabase().KeyDeleteAsync(Key(turnId)).WaitAsync(TimeSpan.FromSeconds(5));
            await redis.GetSubscriber().PublishAsync(Channel(turnId), 0).WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(logger, e.GetType().Name);
        }
    }

    /// <summary>Wakes whoever waits whenever something was appended, for as long as the result is not disposed. One Redis subscription a turn and node, however many readers.</summary>
    public TurnWatch WatchAppends(Guid turnId)
    {
        while (true)
        {
            var watch = _watches.GetOrAdd(turnId, static (id, streams) => new Watch(streams, id), this);
            if (watch.TryEnter())
            {
                return new TurnWatch(watch);
            }
        }
    }

    /// <summary>Asks the node that writes the answer to stop, wherever it is.</summary>
    public void RequestStop(Guid turnId)
    {
        try
        {
            redis.GetSubscriber().Publish(StopChannel, turnId.ToString(), CommandFlags.FireAndForget);
        }
        catch (RedisException e)
        {
            LogAway(logger, e.GetType().Name);
        }
    }

    /// <summary>Calls back for every stop asked for on any node.</summary>
    public void OnStopRequested(Action<Guid> stop)
    {
        _ = redis.GetSubscriber().SubscribeAsync(StopChannel, (_, value) => stop(Guid.Parse((string)value!, CultureInfo.InvariantCulture))).ContinueWith(
            t => LogAway(logger, t.Exception!.InnerException!.GetType().Name), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private static string Key(Guid turnId) => $"chatsphere:turn:{turnId:n}";

    private static RedisChannel Channel(Guid turnId) => new($"chatsphere:turn:{turnId:n}:appended", RedisChannel.PatternMode.Literal);

    internal sealed class Watch
    {
        private readonly TurnStreams _streams;
        private readonly Guid _turnId;
        private readonly Lock _gate = new();
        private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _readers;
        private bool _closed;

        public Watch(TurnStreams streams, Guid turnId)
        {
            _streams = streams;
            _turnId = turnId;
        }

        public Task Next
        {
            get
            {
                lock (_gate)
                {
                    return _signal.Task;
                }
            }
        }

        public bool TryEnter()
        {
            lock (_gate)
            {
                if (_closed)
                {
                    return false;
                }

                if (_readers++ == 0)
                {
                    _ = IgnoreAsync(_streams.Subscriber.SubscribeAsync(Channel(_turnId), OnAppended));
                }

                return true;
            }
        }

        public void Leave()
        {
            lock (_gate)
            {
                if (--_readers > 0)
                {
                    return;
                }

                _closed = true;
                _streams._watches.TryRemove(new(_turnId, this));
                _ = IgnoreAsync(_streams.Subscriber.UnsubscribeAsync(Channel(_turnId), OnAppended));
            }
        }

        private void OnAppended(RedisChannel channel, RedisValue value)
        {
            TaskCompletionSource signal;
            lock (_gate)
            {
                signal = _signal;
                _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            signal.TrySetResult();
        }

        // Without the subscription, readers look by themselves each second.
        private static async Task IgnoreAsync(Task task)
        {
            try
            {
                await task;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
            }
        }
    }

    private ISubscriber Subscriber => redis.GetSubscriber();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis did not answer for a turn's stream: {Kind}")]
    private static partial void LogAway(ILogger logger, string kind);
}

/// <summary>A reader's hold on a turn's notifications.</summary>
public sealed class TurnWatch : IDisposable
{
    private readonly TurnStreams.Watch _watch;
    private int _disposed;

    internal TurnWatch(TurnStreams.Watch watch) => _watch = watch;

    /// <summary>Take it before reading, wait for it after: what is appended in between is not missed.</summary>
    public Task Next => _watch.Next;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _watch.Leave();
        }
    }
}
