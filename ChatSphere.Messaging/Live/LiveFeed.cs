using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ChatSphere.Messaging.Live;

/// <param name="Type">A wire name of the live events.</param>
/// <param name="Data">JSON.</param>
/// <param name="Parsed">The same, of what goes out as it is; null for references, which are looked up first. Shared by all who are sent it.</param>
public sealed record LiveMessage(string Type, string Data, JsonElement? Parsed = null);

/// <summary>
/// Tells every node what one account's screens may want to show at once. At most once, through Redis pub/sub; a reader that does not keep up, or was cut off, gets
/// <see cref="Resync"/> in place of what it missed. Publishing never waits for a reader.
/// </summary>
public sealed partial class LiveFeed(IConnectionMultiplexer redis, ILogger<LiveFeed> logger) : IHostedService
{
    public const string Resync = "resync";
    private const int QueueLength = 512;
    private static readonly RedisChannel Channel = new("chatsphere:live", RedisChannel.PatternMode.Literal);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Subscription, byte>> _subscriptions = new();

    private sealed record Envelope(Guid Account, string Type, string Data);

    public void Publish<T>(Guid accountId, string type, T data)
    {
        try
        {
            var envelope = JsonSerializer.Serialize(new Envelope(accountId, type, JsonSerializer.Serialize(data, Json)), Json);
            redis.GetSubscriber().Publish(Channel, envelope, CommandFlags.FireAndForget);
        }
        catch (RedisException e)
        {
            LogNotPublished(logger, e.GetType().Name);
        }
    }

    /// <summary>Dispose it to end it.</summary>
    public Subscription Subscribe(Guid accountId)
    {
        var subscription = new Subscription(this, accountId);
        _subscriptions.GetOrAdd(accountId, _ => new()).TryAdd(subscription, 0);
        return subscription;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        redis.ConnectionRestored += (_, _) => ResyncAll();

        // Not awaited: with Redis away, the client subscribes when it comes back.
        _ = redis.GetSubscriber().SubscribeAsync(Channel, (_, value) => Dispatch(value!)).ContinueWith(
            t => LogNotPublished(logger, t.Exception!.InnerException!.GetType().Name), cancellationToken, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var subscription in _subscriptions.Values.SelectMany(s => s.Keys))
        {
            subscription.Complete();
        }

        return Task.CompletedTask;
    }

    private void Dispatch(string value)
    {
        var envelope = JsonSerializer.Deserialize<Envelope>(value, Json)!;
        if (_subscriptions.TryGetValue(envelope.Account, out var subscriptions))
        {
            var message = new LiveMessage(envelope.Type, envelope.Data);
            foreach (var subscription in subscriptions.Keys)
            {
                subscription.Offer(message);
            }
        }
    }

    private void ResyncAll()
    {
        foreach (var subscription in _subscriptions.Values.SelectMany(s => s.Keys))
        {
            subscription.Offer(new LiveMessage(Resync, "{}"));
        }
    }

    /// <summary>One reader's bounded queue.</summary>
    public sealed class Subscription : IDisposable
    {
        private readonly LiveFeed _feed;
        private readonly Guid _accountId;
        private readonly Channel<LiveMessage> _queue = System.Threading.Channels.Channel.CreateBounded<LiveMessage>(
            new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

        private int _missed;

        internal Subscription(LiveFeed feed, Guid accountId)
        {
            _feed = feed;
            _accountId = accountId;
        }

        public ChannelReader<LiveMessage> Reader => _queue.Reader;

        /// <summary>True once after messages were dropped: the reader is to be told to resync.</summary>
        public bool TakeMissed() => Interlocked.Exchange(ref _missed, 0) == 1;

        public void Dispose()
        {
            Complete();
            if (_feed._subscriptions.TryGetValue(_accountId, out var subscriptions))
            {
                subscriptions.TryRemove(this, out _);
                if (subscriptions.IsEmpty)
                {
                    _feed._subscriptions.TryRemove(new(_accountId, subscriptions));

                    // Somebody may have subscribed between the two lines above.
                    if (!subscriptions.IsEmpty)
                    {
                        _feed._subscriptions.GetOrAdd(_accountId, subscriptions);
                    }
                }
            }
        }

        /// <summary>Never waits: to a reader that does not keep up it is lost, and the reader is told so.</summary>
        public void Offer(LiveMessage message)
        {
            if (!_queue.Writer.TryWrite(message))
            {
                Volatile.Write(ref _missed, 1);
            }
        }

        internal void Complete() => _queue.Writer.TryComplete();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A live update did not reach Redis: {Kind}")]
    private static partial void LogNotPublished(ILogger logger, string kind);
}
