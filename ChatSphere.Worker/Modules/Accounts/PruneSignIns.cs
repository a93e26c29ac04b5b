using Npgsql;

namespace ChatSphere.Worker.Modules.Accounts;

/// <summary>Removes what signing in leaves behind: counts that nobody added to for a day, one-time tokens a day after their end, sessions a month after theirs.</summary>
internal sealed partial class PruneSignIns(NpgsqlDataSource source, TimeProvider time, ILogger<PruneSignIns> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // Networks of sessions that were signed out stay known for that month.
                await using var command = source.CreateCommand("""
                    with counts as (delete from accounts.sign_in_counts where last_attempt_at < $1 and (blocked_until is null or blocked_until < $1)),
                        tokens as (delete from accounts.one_time_tokens where expires_at < $1)
                    delete from accounts.sessions where revoked_at < $2 or expires_at < $2
                    """);
                command.Parameters.Add(new() { Value = time.GetUtcNow().AddDays(-1) });
                command.Parameters.Add(new() { Value = time.GetUtcNow().AddDays(-30) });
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                LogSkipped(logger, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What signing in left behind stays until the next round: {Why}")]
    private static partial void LogSkipped(ILogger logger, string why);
}
