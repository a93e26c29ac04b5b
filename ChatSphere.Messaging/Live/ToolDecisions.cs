using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ChatSphere.Messaging.Live;

/// <summary>Tells the node that writes an answer that its person has decided about a tool call. Only a hint to look at the database: it may get lost.</summary>
public sealed partial class ToolDecisions(IConnectionMultiplexer redis, ILogger<ToolDecisions> logger)
{
    private static readonly RedisChannel Channel = new("chatsphere:tools:decided", RedisChannel.PatternMode.Literal);

    public void Publish(Guid turnId)
    {
        try
        {
            redis.GetSubscriber().Publish(Channel, turnId.ToString(), CommandFlags.FireAndForget);
        }
        catch (RedisException e)
        {
            LogAway(logger, e.GetType().Name);
        }
    }

    public void OnDecided(Action<Guid> decided)
    {
        _ = redis.GetSubscriber().SubscribeAsync(Channel, (_, value) => decided(Guid.Parse((string)value!, CultureInfo.InvariantCulture))).ContinueWith(
            t => LogAway(logger, t.Exception!.InnerException!.GetType().Name), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis did not answer for a tool decision: {Kind}")]
    private static partial void LogAway(ILogger logger, string kind);
}
