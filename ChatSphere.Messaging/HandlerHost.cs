using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ChatSphere.Data;
using ChatSphere.Data.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ChatSphere.Messaging;

/// <summary>Runs this program's handlers, each on its own queue, for as long as RabbitMQ is there, and again when it comes back.</summary>
internal sealed partial class HandlerHost(RabbitMq rabbit, IServiceScopeFactory scopes, NpgsqlDataSource source, IEnumerable<HandlerRegistration> handlers, TimeProvider time, ILogger<HandlerHost> logger) : BackgroundService
{
    private readonly HandlerRegistration[] _handlers = [.. handlers];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await ConsumeAsync(() => failures = 0, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(logger, e.GetType().Name, e.Message);
                await Task.Delay(Backoff.After(failures++), time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private async Task ConsumeAsync(Action worked, CancellationToken stoppingToken)
    {
        var connection = await rabbit.ConnectAsync(stoppingToken);

        // Ends with the connection: what is under way then comes again, so going on with it would do it twice at once.
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };

        var channels = new List<IChannel>();
        try
        {
            await using (var declaring = await connection.CreateChannelAsync(cancellationToken: stoppingToken))
            {
                await EventTopology.DeclareAsync(declaring, _handlers, stoppingToken);
            }

            foreach (var handler in _handlers)
            {
                var concurrency = handler.Options.Ordered ? 1 : handler.Options.Concurrency;
                channels.Add(await SubscribeAsync(connection, handler.Queue, concurrency, (channel, delivery) => HandleAsync(channel, handler, delivery, alive.Token), lost, stoppingToken));
            }

            channels.Add(await SubscribeAsync(connection, EventTopology.DeadLetters, 1, (channel, delivery) => KeepDeadAsync(channel, delivery, alive.Token), lost, stoppingToken));
            LogConsuming(logger, _handlers.Length);
            worked();
            await lost.Task.WaitAsync(stoppingToken);
            throw new IOException("The connection to RabbitMQ was lost.");
        }
        finally
        {
            await alive.CancelAsync();
            foreach (var channel in channels)
            {
                await channel.DisposeAsync();
            }
        }
    }

    private static async Task<IChannel> SubscribeAsync(
        IConnection connection, string queue, int concurrency, Func<IChannel, BasicDeliverEventArgs, Task> handleAsync, TaskCompletionSource lost, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, consumerDispatchConcurrency: (ushort)concurrency), cancellationToken);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, (ushort)concurrency, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => handleAsync(channel, delivery);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        return channel;
    }

    private async Task HandleAsync(IChannel channel, HandlerRegistration handler, BasicDeliverEventArgs delivery, CancellationToken cancellationToken)
    {
        // The client may reuse the buffer after the first await.
        var payload = Encoding.UTF8.GetString(delivery.Body.Span);
        var attempt = Attempt(delivery);
        ActivityContext.TryParse(Header(delivery, "traceparent"), null, out var parent);
        using var activity = MessagingTelemetry.Source.StartActivity($"process {handler.Name}", ActivityKind.Consumer, parent);
        var started = Stopwatch.GetTimestamp();
        var outcome = "done";
        try
        {
            if (!Guid.TryParse(delivery.BasicProperties.MessageId, out var eventId))
            {
                outcome = "dead";
                LogUnreadable(logger, handler.Name, "no message id");
            }
            else
            {
                for (var waits = 0; ; waits++)
                {
                    try
                    {
                        await RunAsync(handler, eventId, payload, cancellationToken);
                        break;
                    }
                    catch (Exception e) when (DatabaseFaults.IsAway(e) && !cancellationToken.IsCancellationRequested)
                    {
                        // Not the event's fault: hold it here until the database is back, rather than let it die of attempts.
                        LogWaitingForDatabase(logger, handler.Name);
                        await WaitForDatabaseAsync(waits, cancellationToken);
                    }
                    catch (Exception e) when (handler.Options.Ordered && e is not RetryLaterException && attempt < EventTopology.Delays.Length && !cancellationToken.IsCancellationRequested)
                    {
                        // Moving it to a retry queue would let those behind it overtake.
                        LogFailed(logger, e, handler.Name, attempt + 1);
                        await Task.Delay(EventTopology.Delays[attempt++], time, cancellationToken);
                    }
                }
            }

            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Not acknowledged: RabbitMQ delivers it again.
            outcome = "interrupted";
        }
        catch (RetryLaterException e)
        {
            outcome = "later";
            await RetryAsync(channel, handler, delivery, payload, attempt, e.Delay, cancellationToken);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            LogFailed(logger, e, handler.Name, attempt + 1);
            if (attempt < EventTopology.Delays.Length && e is not JsonException)
            {
                outcome = "retried";
                await RetryAsync(channel, handler, delivery, payload, attempt + 1, EventTopology.Delays[attempt], cancellationToken);
            }
            else
            {
                outcome = "dead";
                await DieAsync(channel, handler.Name, delivery, payload, $"{e.GetType().Name}: {e.Message}", attempt + 1, cancellationToken);
            }
        }
        finally
        {
            MessagingTelemetry.Handled.Add(1, new("handler", handler.Name), new("outcome", outcome));
            MessagingTelemetry.HandlingTime.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("handler", handler.Name));
        }
    }

    private async Task RunAsync(HandlerRegistration handler, Guid eventId, string payload, CancellationToken cancellationToken)
    {
        var happened = (IDomainEvent)(JsonSerializer.Deserialize(payload, handler.EventType, EventTypes.Json) ?? throw new JsonException("null"));
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (handler.Options.LongRunning)
        {
            if (await db.Inbox.AnyAsync(m => m.EventId == eventId && m.Handler == handler.Name, cancellationToken))
            {
                return;
            }

            await handler.InvokeAsync(scope.ServiceProvider, happened, cancellationToken);
            await RecordAsync(db, eventId, handler.Name, cancellationToken);
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await RecordAsync(db, eventId, handler.Name, cancellationToken))
        {
            await handler.InvokeAsync(scope.ServiceProvider, happened, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>False when it is recorded already.</summary>
    private async Task<bool> RecordAsync(ChatSphereDb db, Guid eventId, string handler, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"insert into messaging.inbox (event_id, handler, handled_at) values ({eventId}, {handler}, {time.GetUtcNow()}) on conflict do nothing", cancellationToken) == 1;

    private static async Task RetryAsync(IChannel channel, HandlerRegistration handler, BasicDeliverEventArgs delivery, string payload, int attempt, TimeSpan delay, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            MessageId = delivery.BasicProperties.MessageId,
            Type = delivery.BasicProperties.Type,
            ContentType = delivery.BasicProperties.ContentType,
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["traceparent"] = Header(delivery, "traceparent"), [EventTopology.AttemptHeader] = attempt },
        };
        await channel.BasicPublishAsync(EventTopology.RetryExchange(EventTopology.DelayFor(delay)), handler.Queue, mandatory: true, properties, Encoding.UTF8.GetBytes(payload), cancellationToken);
        await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellationToken);
    }

    private async Task KeepDeadAsync(IChannel channel, BasicDeliverEventArgs delivery, CancellationToken cancellationToken)
    {
        var payload = Encoding.UTF8.GetString(delivery.Body.Span);
        var handler = Header(delivery, "x-first-death-queue")?.Replace("chatsphere.", "", StringComparison.Ordinal) ?? "unknown";
        try
        {
            await DieAsync(channel, handler, delivery, payload, $"RabbitMQ gave it up: {Header(delivery, "x-first-death-reason")}", Attempt(delivery), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, e, handler, 0);
            await WaitForDatabaseAsync(0, cancellationToken);
            await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue: true, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task DieAsync(IChannel channel, string handler, BasicDeliverEventArgs delivery, string payload, string reason, int attempts, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var id = Guid.TryParse(delivery.BasicProperties.MessageId, out var parsed) ? parsed : Guid.CreateVersion7(time.GetUtcNow());
        var type = delivery.BasicProperties.Type ?? delivery.RoutingKey;
        var short_ = reason.Length > 2000 ? reason[..2000] : reason;
        await db.Database.ExecuteSqlAsync($"""
            insert into messaging.dead_letters (event_id, handler, type, payload, reason, attempts, died_at)
            values ({id}, {handler}, {type}, {payload}, {short_}, {attempts}, {time.GetUtcNow()}) on conflict do nothing
            """, cancellationToken);
        LogDead(logger, handler, type, attempts);
        await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, cancellationToken);
    }

    private async Task WaitForDatabaseAsync(int waits, CancellationToken cancellationToken)
    {
        for (var i = waits; ; i++)
        {
            await Task.Delay(Backoff.After(i), time, cancellationToken);
            try
            {
                await using var command = source.CreateCommand("select 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
            }
        }
    }

    private static string? Header(BasicDeliverEventArgs delivery, string name) =>
        delivery.BasicProperties.Headers?.TryGetValue(name, out var value) == true ? value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString() : null;

    private static int Attempt(BasicDeliverEventArgs delivery) => int.TryParse(Header(delivery, EventTopology.AttemptHeader), out var attempt) ? attempt : 0;

    [LoggerMessage(Level = LogLevel.Information, Message = "Handling events in {Handlers} handlers.")]
    private static partial void LogConsuming(ILogger logger, int handlers);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Handling of events was interrupted and starts over: {Kind}: {Why}")]
    private static partial void LogInterrupted(ILogger logger, string kind, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Handler} failed at attempt {Attempt}.")]
    private static partial void LogFailed(ILogger logger, Exception e, string handler, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Handler} waits: the database does not answer.")]
    private static partial void LogWaitingForDatabase(ILogger logger, string handler);

    [LoggerMessage(Level = LogLevel.Error, Message = "A dead letter: {Handler} gave up on {Type} after {Attempts} attempts.")]
    private static partial void LogDead(ILogger logger, string handler, string type, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Handler} got a message that is no event of ours: {Why}.")]
    private static partial void LogUnreadable(ILogger logger, string handler, string why);
}
