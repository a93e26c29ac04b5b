using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChatSphere.Messaging;

/// <summary>Removes published events and inbox entries after a week, long after the last redelivery can come.</summary>
internal sealed partial class PruneMessages(NpgsqlDataSource source, TimeProvider time, ILogger<PruneMessages> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var command = source.CreateCommand("""
                    with gone as (delete from messaging.inbox where handled_at < $1)
                    delete from messaging.outbox where published_at < $1
                    """);
                command.Parameters.Add(new() { Value = time.GetUtcNow() - TimeSpan.FromDays(7) });
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                LogSkipped(logger, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old messages stay until the next round: {Why}")]
    private static partial void LogSkipped(ILogger logger, string why);
}
