using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;

namespace ChatSphere.Messaging;

/// <summary>
/// Publishes what the outbox holds, with confirms, and then stamps it. Several may run: the outbox is cut into partitions by ordering key, and a partition is
/// published by one relay at a time, in order. Woken by NOTIFY at each commit that filled the outbox; looks by itself now and then for what a lost notification left.
/// </summary>
internal sealed partial class OutboxRelay(NpgsqlDataSource source, RabbitMq rabbit, IEnumerable<HandlerRegistration> handlers, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int Partitions = 8;
    private const int BatchSize = 256;

    // The first half of a two-part advisory lock key; the partition is the second.
    private const int LockSpace = 0x6f_75_74_62;

    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(5);
    private readonly HandlerRegistration[] _handlers = [.. handlers];
    private readonly HashSet<string> _handled = [.. handlers.Select(h => h.EventName)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await RelayAsync(() => failures = 0, stoppingToken);
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

    private async Task RelayAsync(Action worked, CancellationToken cancellationToken)
    {
        var connection = await rabbit.ConnectAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        await EventTopology.DeclareAsync(channel, _handlers, cancellationToken);

        await using var listener = await source.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand("listen chatsphere_outbox", listener))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            foreach (var partition in await PartitionsWithWorkAsync(cancellationToken))
            {
                while (await PublishBatchAsync(channel, partition, cancellationToken) == BatchSize)
                {
                }
            }

            worked();
            if (!channel.IsOpen)
            {
                throw new IOException("The channel to RabbitMQ was closed.");
            }

            await listener.WaitAsync(LookAnyway, cancellationToken);
        }
    }

    private async Task<List<int>> PartitionsWithWorkAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand($"select distinct hashtext(ordering_key) & {Partitions - 1} from messaging.outbox where published_at is null");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<int>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetInt32(0));
        }

        return found;
    }

    private async Task<int> PublishBatchAsync(IChannel channel, int partition, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("select pg_try_advisory_xact_lock($1, $2)", connection, transaction) { Parameters = { new() { Value = LockSpace }, new() { Value = partition } } })
        {
            if (await take.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return 0;
            }
        }

        var batch = new List<(Guid Id, string Type, string Payload, string? TraceParent)>();
        await using (var read = new NpgsqlCommand($"""
            select id, type, payload, trace_parent from messaging.outbox
            where published_at is null and hashtext(ordering_key) & {Partitions - 1} = $1 order by id limit {BatchSize}
            """, connection, transaction) { Parameters = { new() { Value = partition } } })
        await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                batch.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3)));
            }
        }

        if (batch.Count == 0)
        {
            return 0;
        }

        // Started in order on one channel, confirmed together.
        var publishing = batch.Select(m => PublishAsync(channel, m.Id, m.Type, m.Payload, m.TraceParent, cancellationToken)).ToList();
        await Task.WhenAll(publishing);

        await using (var stamp = new NpgsqlCommand("update messaging.outbox set published_at = $1 where id = any($2)", connection, transaction)
        {
            Parameters = { new() { Value = time.GetUtcNow() }, new() { Value = batch.Select(m => m.Id).ToArray() } },
        })
        {
            await stamp.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        MessagingTelemetry.Published.Add(batch.Count);
        return batch.Count;
    }

    private async Task PublishAsync(IChannel channel, Guid id, string type, string payload, string? traceParent, CancellationToken cancellationToken)
    {
        ActivityContext.TryParse(traceParent, null, out var parent);
        using var activity = MessagingTelemetry.Source.StartActivity($"publish {type}", ActivityKind.Producer, parent);
        var properties = new BasicProperties
        {
            MessageId = id.ToString(),
            Type = type,
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["traceparent"] = activity?.Id ?? traceParent },
        };

        // An event that a handler waits for must reach a queue; one that nobody handles may be dropped by the exchange.
        await channel.BasicPublishAsync(EventTopology.Events, type, mandatory: _handled.Contains(type), properties, Encoding.UTF8.GetBytes(payload), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox relay was interrupted and starts over: {Kind}: {Why}")]
    private static partial void LogInterrupted(ILogger logger, string kind, string why);
}
