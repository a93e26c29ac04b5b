using Npgsql;
using NpgsqlTypes;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>
/// The right to build a set of vectors: one process has it, keeps it alive once a second, and with the same statement shows how far it is and finds out that an administrator
/// gave the set up, upon which <see cref="Token"/> is cancelled.
/// </summary>
internal sealed partial class EmbeddingLease : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;

    private EmbeddingLease(Guid setId, string holder, DateTimeOffset? failingSince, long tokens, NpgsqlDataSource database, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        (SetId, Holder, FailingSince, TokensRead) = (setId, holder, failingSince, tokens);
        (_database, _time, _logger) = (database, time, logger);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beating = BeatAsync();
    }

    /// <summary>A killed process's set can be taken up after so long.</summary>
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(30);

    public Guid SetId { get; }

    public string Holder { get; }

    public CancellationToken Token => _lost.Token;

    public int Total { get; set; }

    public int Done { get; set; }

    public int Refused { get; set; }

    public long TokensRead { get; set; }

    public string? Trouble { get; set; }

    /// <summary>Outlasts the process, so that a Worker that is restarted again and again does not try for ever.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>Null: nothing is to be built, or another process builds it.</summary>
    public static async Task<EmbeddingLease?> TakeAsync(NpgsqlDataSource database, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var holder = $"{Environment.MachineName[..Math.Min(40, Environment.MachineName.Length)]}:{Environment.ProcessId}:{Guid.NewGuid():n}";
        var now = time.GetUtcNow();
        await using var command = database.CreateCommand("""
            update knowledge.embedding_sets set leased_by = $1, leased_until = $2
            where state = 'Building' and (leased_until is null or leased_until < $3)
            returning id, failing_since, tokens_read
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = holder });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + Duration });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetGuid(0), holder, reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2), database, time, logger, cancellationToken)
            : null;
    }

    /// <summary>Keeps everybody else from the set's row until the caller's transaction ends: what is written belongs to a set that is still built, by this process.</summary>
    /// <exception cref="OperationCanceledException">It is not.</exception>
    public async Task HoldAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select 1 from knowledge.embedding_sets where id = $1 and leased_by = $2 and state = 'Building' for share", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = SetId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Holder });
        if (await command.ExecuteScalarAsync(Token) is null)
        {
            await _lost.CancelAsync();
            Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        try
        {
            // What was counted last is shown, and another Worker need not wait. When even this fails, the lease expires.
            await WriteAsync(_time.GetUtcNow(), CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            LogBeatFailed(_logger, SetId, e.GetType().Name);
        }

        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task BeatAsync()
    {
        var since = _time.GetTimestamp();
        using var timer = new PeriodicTimer(Beat, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    if (!await WriteAsync(_time.GetUtcNow() + Duration, _stop.Token))
                    {
                        await _lost.CancelAsync();
                        return;
                    }

                    since = _time.GetTimestamp();
                }
                catch (NpgsqlException e) when (_time.GetElapsedTime(since) < Duration)
                {
                    LogBeatFailed(_logger, SetId, e.GetType().Name);
                }
                catch (NpgsqlException)
                {
                    // Another process may have it by now.
                    await _lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> WriteAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand("""
            update knowledge.embedding_sets
            set leased_until = $3, passages_total = $4, passages_done = $5, passages_refused = $6, tokens_read = $7, trouble = $8, failing_since = $9
            where id = $1 and leased_by = $2 and state = 'Building'
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = SetId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Holder });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Max(Total, Done) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Done });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Refused });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = TokensRead });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)Trouble ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)FailingSince ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease on the vectors {SetId} could not be renewed ({Error}); trying again.")]
    private static partial void LogBeatFailed(ILogger logger, Guid setId, string error);
}
