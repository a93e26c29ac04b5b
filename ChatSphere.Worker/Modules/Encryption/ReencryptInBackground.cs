using System.Security.Cryptography;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Worker.Modules.Encryption;

/// <summary>Looks now and then whether something is sealed otherwise than configured, and does it anew. Of several Workers one works.</summary>
public sealed partial class ReencryptInBackground(Reencryption reencryption, TimeProvider time, ILogger<ReencryptInBackground> logger) : BackgroundService
{
    // A new configuration reaches the programs one after the other; until then some would not read what is sealed under it.
    private static readonly TimeSpan First = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; ; wait = Every)
        {
            await Task.Delay(wait, time, stoppingToken);
            try
            {
                if (await reencryption.IsDueAsync(stoppingToken))
                {
                    await reencryption.RunAsync(stoppingToken);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or IOException or CryptographicException or InvalidOperationException)
            {
                LogFailed(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Re-encryption stopped; it goes on from there in an hour, or by `ChatSphere.Worker reencrypt`.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
