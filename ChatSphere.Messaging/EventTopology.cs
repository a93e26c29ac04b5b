using RabbitMQ.Client;

namespace ChatSphere.Messaging;

/// <summary>
/// The exchanges and queues. Events go to one topic exchange by wire name; each handler has a quorum queue of its own. A failed event waits in the retry queue of its
/// delay, which hands it back to the handler's queue by name. What RabbitMQ itself gives up on (redelivered too often) goes to the dead-letter queue.
/// </summary>
internal static class EventTopology
{
    public const string Events = "chatsphere.events";
    public const string Retried = "chatsphere.retried";
    public const string Dead = "chatsphere.dead";
    public const string DeadLetters = "chatsphere.dead-letters";
    public const string AttemptHeader = "x-chatsphere-attempt";

    public static readonly TimeSpan[] Delays =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10)];

    public static string RetryExchange(TimeSpan delay) => $"chatsphere.retry.{(int)delay.TotalSeconds}s";

    /// <summary>The shortest delay not below the wish, or the longest there is.</summary>
    public static TimeSpan DelayFor(TimeSpan wish) => Delays.FirstOrDefault(d => d >= wish, Delays[^1]);

    public static async Task DeclareAsync(IChannel channel, IEnumerable<HandlerRegistration> handlers, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Events, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Retried, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Dead, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(DeadLetters, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(DeadLetters, Dead, "", cancellationToken: cancellationToken);

        foreach (var delay in Delays)
        {
            var name = RetryExchange(delay);
            await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-message-ttl"] = (long)delay.TotalMilliseconds,
                ["x-dead-letter-exchange"] = Retried,
                // Without these two, RabbitMQ hands dead letters on at most once.
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            }, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(name, name, "", cancellationToken: cancellationToken);
        }

        foreach (var handler in handlers)
        {
            var arguments = new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-delivery-limit"] = 20,
                ["x-dead-letter-exchange"] = Dead,
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            };
            if (handler.Options.Ordered)
            {
                arguments["x-single-active-consumer"] = true;
            }

            await channel.QueueDeclareAsync(handler.Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(handler.Queue, Events, handler.EventName, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(handler.Queue, Retried, handler.Queue, cancellationToken: cancellationToken);
        }
    }
}
