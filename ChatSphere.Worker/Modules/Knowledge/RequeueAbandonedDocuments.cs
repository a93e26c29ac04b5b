using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>
/// Finds documents that nobody works on although somebody should: their worker died and its message with it, or the message never came. Asks for them anew; a document
/// that ended its workers too often fails instead.
/// </summary>
public sealed partial class RequeueAbandonedDocuments(IServiceScopeFactory scopes, IOptions<IngestionOptions> options, IDocumentProgress progress, TimeProvider time, ILogger<RequeueAbandonedDocuments> logger)
    : BackgroundService
{
    private const int BatchSize = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>How many were asked for anew or given up.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();

        // A queue may simply be long, so what waits without a lease is asked for after 2 minutes, then 4, 8 … up to an hour. Other Workers sweep too.
        var abandoned = await db.Documents.FromSql($"""
            select d.*, d.xmin from knowledge.documents d
            where d.stage not in ('Ready', 'Failed', 'Cancelled')
              and (d.leased_until < {now - TimeSpan.FromSeconds(60)}
                or (d.leased_until is null and {now} - d.updated_at >= least(greatest(interval '2 minutes', d.updated_at - d.stage_since), interval '1 hour')))
            order by d.id limit {BatchSize} for update skip locked
            """).ToListAsync(cancellationToken);
        foreach (var document in abandoned)
        {
            if (document.LeasedUntil is not null && document.Attempts >= options.Value.MaxAttempts)
            {
                var given = UnreadableDocumentException.AttemptsExhausted();
                document.Fail(given.Code, given.Message, now);
            }
            else
            {
                document.QueueAgain(now);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        foreach (var document in abandoned.Where(d => d.Stage == DocumentStage.Failed))
        {
            await PassageRows.DeleteAsync((NpgsqlConnection)db.Database.GetDbConnection(), document.Id, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        foreach (var document in abandoned.Where(d => d.Stage == DocumentStage.Failed))
        {
            await progress.ChangedAsync(document.Id, cancellationToken);
        }

        if (abandoned.Count > 0)
        {
            LogSwept(logger, abandoned.Count);
        }

        return abandoned.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} abandoned documents were queued again or given up.")]
    private static partial void LogSwept(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Abandoned documents could not be looked for; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
