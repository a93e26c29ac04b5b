using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using ChatSphere.Contracts.Live;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Clients;

/// <summary>The signed-in person's live events.</summary>
public sealed class LiveClient(LiveFeeds feeds, CurrentSession session)
{
    /// <summary>
    /// Events from now on. Whenever some may have been missed (a lost connection, a slow reader), a <c>resync</c> comes in their place. While there is no connection, that is
    /// told by <see cref="LiveFeeds.Away"/>.
    /// </summary>
    public async IAsyncEnumerable<LiveEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await session.IdAsync() is not { } id)
        {
            yield break;
        }

        using var subscription = feeds.Subscribe(id);
        await foreach (var live in subscription.Events.ReadAllAsync(cancellationToken))
        {
            yield return live;
        }
    }
}

/// <summary>One connection to <c>/v1/events</c> per session, however many tabs listen. It lingers a little, so that going from page to page does not open another.</summary>
public sealed partial class LiveFeeds(ApiTransport transport, ILogger<LiveFeeds> logger) : IDisposable
{
    /// <summary>The type of an event that Web adds: the connection is lost and is being opened again.</summary>
    public const string Away = "$away";

    private static readonly LiveEvent Gone = new(Away, JsonDocument.Parse("{}").RootElement);
    private static readonly LiveEvent Resync = new(LiveEventTypes.Resync, JsonDocument.Parse("{}").RootElement);
    private readonly ConcurrentDictionary<string, Feed> feeds = new();

    public Subscription Subscribe(string sessionId)
    {
        while (true)
        {
            var feed = feeds.GetOrAdd(sessionId, id => new Feed(this, transport, id));
            if (feed.TryAdd() is { } subscription)
            {
                return subscription;
            }
        }
    }

    public void Dispose()
    {
        foreach (var feed in feeds.Values)
        {
            feed.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The live feed of a session ended unexpectedly")]
    private partial void LogFeedEnded(Exception e);

    public sealed class Subscription : IDisposable
    {
        // A tab that falls this far behind asks for the state again: cheaper than remembering for it.
        private readonly Channel<LiveEvent> channel = Channel.CreateBounded<LiveEvent>(256);
        private readonly Action<Subscription> leave;
        private volatile bool missed;

        internal Subscription(Action<Subscription> leave) => this.leave = leave;

        public ChannelReader<LiveEvent> Events => channel.Reader;

        public void Dispose() => leave(this);

        internal void Offer(LiveEvent live)
        {
            if (missed && channel.Writer.TryWrite(Resync))
            {
                missed = false;
            }

            if (!channel.Writer.TryWrite(live))
            {
                missed = true;
            }
        }
    }

    private sealed class Feed : IDisposable
    {
        private readonly LiveFeeds owner;
        private readonly ApiTransport transport;
        private readonly string sessionId;
        private readonly Lock gate = new();
        private readonly HashSet<Subscription> subscribers = [];
        private readonly CancellationTokenSource stop = new();
        private bool started;
        private bool stopped;
        private int disposed;

        public Feed(LiveFeeds owner, ApiTransport transport, string sessionId)
        {
            this.owner = owner;
            this.transport = transport;
            this.sessionId = sessionId;
        }

        public Subscription? TryAdd()
        {
            lock (gate)
            {
                if (stopped)
                {
                    return null;
                }

                var subscription = new Subscription(Remove);
                subscribers.Add(subscription);
                if (!started)
                {
                    started = true;
                    var stopping = stop.Token;
                    _ = Task.Run(() => RunAsync(stopping), CancellationToken.None);
                }

                return subscription;
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                stopped = true;
            }

            owner.feeds.TryRemove(new(sessionId, this));
            if (Interlocked.Exchange(ref disposed, 1) == 0)
            {
                stop.Cancel();
                stop.Dispose();
            }
        }

        private void Remove(Subscription subscription)
        {
            lock (gate)
            {
                subscribers.Remove(subscription);
                if (subscribers.Count > 0)
                {
                    return;
                }
            }

            _ = Task.Delay(TimeSpan.FromSeconds(5)).ContinueWith(_ => StopIfIdle(), TaskScheduler.Default);
        }

        private void StopIfIdle()
        {
            lock (gate)
            {
                if (stopped || subscribers.Count > 0)
                {
                    return;
                }

                stopped = true;
            }

            Dispose();
        }

        private async Task RunAsync(CancellationToken stopping)
        {
            try
            {
                var lost = false;
                await foreach (var item in EventStream.ReadAsync(transport, sessionId, "v1/events", stopping))
                {
                    switch (item.State)
                    {
                        case StreamState.Opened when lost:
                            lost = false;
                            Publish(Resync);
                            break;
                        case StreamState.Lost:
                            lost = true;
                            Publish(Gone);
                            break;
                        case StreamState.Event when item.Event is { } sse:
                            using (var data = JsonDocument.Parse(sse.Data))
                            {
                                Publish(new(sse.EventType, data.RootElement.Clone()));
                            }

                            break;
                        default:
                            break;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Nobody listens any more.
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                owner.LogFeedEnded(e);
            }
            finally
            {
                Dispose();
            }
        }

        private void Publish(LiveEvent live)
        {
            lock (gate)
            {
                foreach (var subscriber in subscribers)
                {
                    subscriber.Offer(live);
                }
            }
        }
    }
}
