using System.Text.Json;
using System.Text.Json.Serialization;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ChatSphere.Messaging.Live;

/// <summary>
/// Something in a server or channel that its people may want to see at once. Every Api node gets it and decides by its own look at the rights who of those connected to it is
/// sent it; see <c>CommunityDelivery</c> in the Api.
/// </summary>
public sealed record CommunityEvent
{
    /// <summary>A wire name of the live events, or one of those below, which no client sees.</summary>
    public required string Type { get; init; }

    public Guid? ServerId { get; init; }

    /// <summary>Null: to all members of the server.</summary>
    public Guid? ChannelId { get; init; }

    /// <summary>The channel whose overwrites decide: of a thread the channel that it is in. Null for direct messages.</summary>
    public Guid? RightsChannelId { get; init; }

    /// <summary>The number of the change, for events that are delivered in order and without gaps; null: as it comes.</summary>
    public long? Change { get; init; }

    /// <summary>The right that a receiver needs beside seeing the channel, as its bits.</summary>
    public long Needs { get; init; }

    /// <summary>Only to these, if they may see it; null: to all who may.</summary>
    public IReadOnlyList<Guid>? Accounts { get; init; }

    /// <summary>Only to connections that look at this channel now.</summary>
    public bool OnlyLooking { get; init; }

    /// <summary>JSON: of a numbered change the message, of others the event's data.</summary>
    public string Data { get; init; } = "{}";

    /// <summary>A channel has come as far as <see cref="Change"/>: whoever has not heard of it asks the database.</summary>
    public const string Advanced = "$advanced";

    /// <summary>The memberships of <see cref="Accounts"/> are to be looked up again.</summary>
    public const string Memberships = "$memberships";

    /// <summary>A connection of <see cref="Accounts"/> has other channels on its screen; which, the data says.</summary>
    public const string Looking = "$looking";
}

/// <summary>Carries <see cref="CommunityEvent"/>s to every node through Redis pub/sub, at most once. What they hold is sealed where content is.</summary>
public sealed partial class CommunityFeed(IConnectionMultiplexer redis, ContentSeal seal, ILogger<CommunityFeed> logger)
{
    private static readonly RedisChannel Channel = new("chatsphere:community", RedisChannel.PatternMode.Literal);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>After the commit. Never waits and never throws: what is lost here is found again by <see cref="CommunityEvent.Advanced"/> and by clients that compare numbers.</summary>
    public void Publish(CommunityEvent happened)
    {
        try
        {
            redis.GetSubscriber().Publish(Channel, seal.Seal(ContentPurposes.Stream, JsonSerializer.Serialize(happened, Json)), CommandFlags.FireAndForget);
        }
        catch (RedisException e)
        {
            LogNotPublished(logger, e.GetType().Name);
        }
    }

    /// <summary>One subscriber a process. <paramref name="received"/> must not block; <paramref name="interrupted"/>: events may have been lost.</summary>
    public void Subscribe(Action<CommunityEvent> received, Action interrupted)
    {
        redis.ConnectionRestored += (_, _) => interrupted();
        _ = redis.GetSubscriber().SubscribeAsync(Channel, (_, value) => received(JsonSerializer.Deserialize<CommunityEvent>(seal.Open(ContentPurposes.Stream, value!), Json)!)).ContinueWith(
            t => LogNotPublished(logger, t.Exception!.InnerException!.GetType().Name), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A live update of a community did not reach Redis: {Kind}")]
    private static partial void LogNotPublished(ILogger logger, string kind);
}
