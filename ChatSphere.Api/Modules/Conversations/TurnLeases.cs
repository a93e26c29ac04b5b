using ChatSphere.Api.Answering;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Secrets;
using ChatSphere.Messaging.Live;
using Microsoft.Extensions.Options;
using Npgsql;
using System.Text;
using System.Text.Json;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>
/// Keeps this node's turns alive in the database, with their text so far, all in one statement; ends those of nodes that died, with the text that their stream or the
/// last checkpoint has; and cuts short its own when it shuts down.
/// </summary>
internal sealed partial class TurnLeases(
    RunningTurns running, TurnStreams streams, LiveFeed live, NpgsqlDataSource source, ContentSeal seal, AbandonedBudget budget, IOptions<TurnOptions> options, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json,
    TimeProvider time, ILogger<TurnLeases> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        streams.OnStopRequested(turnId => running.Stop(turnId));
        using var timer = new PeriodicTimer(options.Value.Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RenewAsync(stoppingToken);
                await EndAbandonedAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogAway(logger, e.GetType().Name);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var turn in running.All)
        {
            turn.CutShort(TurnCut.ShuttingDown);
        }

        // What they have is kept before the process goes; past the shutdown's own limit the sweeper of another node does it.
        while (running.Count > 0 && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(20, CancellationToken.None);
        }

        await base.StopAsync(cancellationToken);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var turns = running.All.ToList();
        if (turns.Count == 0)
        {
            return;
        }

        await using var command = source.CreateCommand("""
            with mine as (select * from unnest($1, $2, $3) as m(turn_id, answer_id, text)),
            checkpoint as (
                update conversations.messages a set text = mine.text from mine
                where a.id = mine.answer_id and a.turn_id = mine.turn_id and a.state = 'Generating' and a.text <> mine.text)
            update conversations.turns t set leased_until = $4 from mine where t.id = mine.turn_id and t.last_event is null returning t.id, t.stop_requested
            """);
        command.Parameters.Add(new() { Value = turns.Select(t => t.TurnId).ToArray() });
        command.Parameters.Add(new() { Value = turns.Select(t => t.AnswerId).ToArray() });
        command.Parameters.Add(new() { Value = turns.Select(t => seal.Seal(ContentPurposes.Message, t.Text)).ToArray() });
        command.Parameters.Add(new() { Value = time.GetUtcNow() + options.Value.Lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetBoolean(1))
            {
                running.Stop(reader.GetGuid(0));
            }
        }
    }

    private async Task EndAbandonedAsync(CancellationToken cancellationToken)
    {
        while (await EndOneAsync(cancellationToken))
        {
        }
    }

    private async Task<bool> EndOneAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var find = new NpgsqlCommand("""
            select id, conversation_id, owner_id, answer_id from conversations.turns
            where last_event is null and leased_until < $1 order by leased_until limit 1 for update skip locked
            """, connection, transaction) { Parameters = { new() { Value = time.GetUtcNow() } } };
        Guid turnId, conversationId, ownerId, answerId;
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return false;
            }

            (turnId, conversationId, ownerId, answerId) = (reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetGuid(3));
        }

        if (running.Find(turnId) is not null)
        {
            // Ours: the database was away for longer than a lease. Renewing comes next time.
            return false;
        }

        var (text, lastSeq, calls) = await TextOfStreamAsync(turnId);
        await using var checkpoint = new NpgsqlCommand("select text from conversations.messages where id = $1 for update", connection, transaction) { Parameters = { new() { Value = answerId } } };
        if (await checkpoint.ExecuteScalarAsync(cancellationToken) is string stored && seal.Open(ContentPurposes.Message, stored) is var saved && saved.Length >= text.Length)
        {
            text = saved;
        }

        // Before the conversation is locked: whoever asks locks in that order.
        await budget.SettleAsync(connection, transaction, turnId, text, cancellationToken);

        // Turns of one conversation may end at the same time on different nodes: one after the other, so that the last one frees it.
        await using var hold = new NpgsqlCommand("select 1 from conversations.conversations where id = $1 for update", connection, transaction) { Parameters = { new() { Value = conversationId } } };
        await hold.ExecuteNonQueryAsync(cancellationToken);
        await using var end = new NpgsqlCommand("""
            with ended as (update conversations.turns set last_event = $2 where id = $1),
            freed as (
                update conversations.conversations set updated_at = $3,
                    active_turn_id = (select t.id from conversations.turns t where t.conversation_id = $4 and t.id <> $1 and t.last_event is null order by t.id limit 1)
                where id = $4 and active_turn_id = $1),
            denied as (update conversations.tool_approvals set state = 'Denied', decided_at = $3 where turn_id = $1 and state = 'Waiting')
            update conversations.messages set state = 'Interrupted', failure_code = 'interrupted', reason = $6, text = $5, tool_calls_json = $8
            where id = $7 and turn_id = $1 and state = 'Generating'
            """, connection, transaction);
        end.Parameters.Add(new() { Value = turnId });
        end.Parameters.Add(new() { Value = lastSeq + 1 });
        end.Parameters.Add(new() { Value = time.GetUtcNow() });
        end.Parameters.Add(new() { Value = conversationId });
        end.Parameters.Add(new() { Value = seal.Seal(ContentPurposes.Message, text) });
        end.Parameters.Add(new() { Value = "The server that wrote this answer stopped working. What had arrived is kept." });
        end.Parameters.Add(new() { Value = answerId });
        end.Parameters.Add(new() { Value = Message.Json(calls) is { } kept ? seal.Seal(ContentPurposes.ToolCalls, kept) : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await end.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogEnded(logger, turnId);

        // Readers that wait on the stream look at the database by themselves when it falls silent; dropping it makes them do so with nothing half in it.
        await streams.DropAsync(turnId);
        live.Publish(ownerId, LiveEventTypes.MessageChanged, new LiveReference(answerId));
        live.Publish(ownerId, LiveEventTypes.ConversationChanged, new LiveReference(conversationId));
        return true;
    }

    private async Task<(string Text, int LastSeq, IReadOnlyList<ToolCall> Calls)> TextOfStreamAsync(Guid turnId)
    {
        var text = new StringBuilder();
        var tools = new ToolTrail(json.Value.SerializerOptions);
        var last = 0;
        while (await streams.ReadAsync(turnId, last) is { Count: > 0 } events)
        {
            foreach (var e in events)
            {
                last = e.Seq;
                tools.Follow(e.Name, e.Data);
                if (e.Name == TurnEventNames.Delta && JsonSerializer.Deserialize<DeltaEvent>(e.Data, json.Value.SerializerOptions) is { } delta)
                {
                    text.Length = Math.Min(text.Length, delta.Offset);
                    text.Append(delta.Text);
                }
            }
        }

        return (text.ToString(), last, tools.Calls);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Turn {TurnId} was abandoned by its node; what it had is kept.")]
    private static partial void LogEnded(ILogger logger, Guid turnId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leases of turns were not renewed: {Kind}")]
    private static partial void LogAway(ILogger logger, string kind);
}
