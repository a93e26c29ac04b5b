using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChatSphere.Data;

/// <summary>Brings the database to this version's schema, and refuses to run on an older one.</summary>
public static partial class DatabaseSchema
{
    // Any constant will do, as long as every version uses the same: it keeps two migrate steps from running at once.
    private const long MigrationLock = 0x43_68_61_74_53_70_68;

    /// <summary>Applies what is missing, under an advisory lock: a second caller waits, and then finds nothing to do.</summary>
    public static async Task MigrateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { Parameters = { new() { Value = MigrationLock } }, CommandTimeout = 600 })
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        // The lock ends with the connection.
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        var missing = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        await db.Database.MigrateAsync(cancellationToken);
        LogMigrated(scope.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DatabaseSchema)), missing.Count, missing.LastOrDefault() ?? "none");
    }

    /// <exception cref="InvalidOperationException">The schema is older than this program.</exception>
    public static async Task EnsureCurrentAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var missing = (await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database's schema is older than this program: {missing.Count} migration(s) are missing, the first is {missing[0]}. Run `ChatSphere.Worker migrate` first.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied {Count} migration(s); the last was {Last}.")]
    private static partial void LogMigrated(ILogger logger, int count, string last);
}
