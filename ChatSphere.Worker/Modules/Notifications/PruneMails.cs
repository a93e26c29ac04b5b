using Npgsql;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>Removes mails that were sent a week ago, and those that could not be sent for a month.</summary>
internal sealed partial class PruneMails(NpgsqlDataSource source, TimeProvider time, ILogger<PruneMails> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var command = source.CreateCommand("delete from notifications.outgoing_mails where sent_at < $1 or created_at < $2");
                command.Parameters.Add(new() { Value = time.GetUtcNow().AddDays(-7) });
                command.Parameters.Add(new() { Value = time.GetUtcNow().AddDays(-30) });
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                LogSkipped(logger, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old mails stay until the next round: {Why}")]
    private static partial void LogSkipped(ILogger logger, string why);
}
