using System.Collections.Concurrent;
using Npgsql;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>
/// Keeps the statistics of the lexical search near the truth. A bot's first document counts at once; in a burst each refresh waits eight times as long as the last one
/// took, so counting never takes more than a ninth of the time. What a killed process left undone is found by comparing versions once a minute.
/// </summary>
public sealed partial class RefreshStatistics(NpgsqlDataSource database, TimeProvider time, ILogger<RefreshStatistics> logger) : BackgroundService
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ScanEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, bool> _due = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _notBefore = new();
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>Something became searchable or ceased to be.</summary>
    public void Wake(Guid botId)
    {
        _due[botId] = true;
        _wake.Release();
    }

    /// <summary>False when another process is at it.</summary>
    public async Task<bool> RefreshAsync(Guid botId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select knowledge.refresh_lexical_stats($1)");
        command.CommandTimeout = 600;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = botId });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var scanAt = time.GetUtcNow();
        while (true)
        {
            try
            {
                if (time.GetUtcNow() >= scanAt)
                {
                    await FindOutdatedAsync(stoppingToken);
                    scanAt = time.GetUtcNow() + ScanEvery;
                }

                foreach (var botId in _due.Keys)
                {
                    await RefreshIfDueAsync(botId, stoppingToken);
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogFailed(logger, e);
            }

            // What is due but was too early wants another look soon.
            await _wake.WaitAsync(_due.IsEmpty ? ScanEvery : TimeSpan.FromMilliseconds(500), stoppingToken);
            while (_wake.CurrentCount > 0)
            {
                await _wake.WaitAsync(stoppingToken);
            }
        }
    }

    private async Task RefreshIfDueAsync(Guid botId, CancellationToken cancellationToken)
    {
        if (_notBefore.TryGetValue(botId, out var notBefore) && time.GetUtcNow() < notBefore)
        {
            return;
        }

        // Taken off before the counting: what comes meanwhile is due again.
        _due.TryRemove(botId, out _);
        var started = time.GetTimestamp();
        var pause = Shortest;
        try
        {
            if (!await RefreshAsync(botId, cancellationToken))
            {
                _due[botId] = true;
            }
        }
        catch
        {
            _due[botId] = true;
            throw;
        }
        finally
        {
            pause = TimeSpan.FromTicks(Math.Clamp(time.GetElapsedTime(started).Ticks * 8, Shortest.Ticks, Longest.Ticks));
            _notBefore[botId] = time.GetUtcNow() + pause;
        }
    }

    private async Task FindOutdatedAsync(CancellationToken cancellationToken)
    {
        foreach (var (botId, notBefore) in _notBefore)
        {
            if (notBefore < time.GetUtcNow())
            {
                _notBefore.TryRemove(botId, out _);
            }
        }

        await using var command = database.CreateCommand("""
            select c.bot_id from knowledge.collections c left join knowledge.lexical_stats s on s.bot_id = c.bot_id where s.version is null or s.version < c.version
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            _due[reader.GetGuid(0)] = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The statistics of the lexical search could not be refreshed; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
