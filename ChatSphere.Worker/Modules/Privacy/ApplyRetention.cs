using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Privacy;

/// <summary>Deletes what is older than the rules allow, in batches, but nothing that a legal hold keeps. Several Workers may do so at once: what is gone is gone.</summary>
public sealed partial class ApplyRetention(IServiceScopeFactory scopes, ExportFiles files, IOptions<PrivacyOptions> options, TimeProvider time, ILogger<ApplyRetention> logger) : BackgroundService
{
    private const int BatchSize = 200;
    private const int MaxConflicts = 20;

    // An export that has not come to an end in this time never will.
    private static readonly TimeSpan ExportsGivenUp = TimeSpan.FromHours(24);

    /// <summary>How many things were deleted.</summary>
    public async Task<long> SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var audit = scope.ServiceProvider.GetRequiredService<AuditTrail>();
        var now = time.GetUtcNow();
        var total = await DeleteExpiredExportsAsync(db, now, cancellationToken);
        foreach (var (kind, place, days, _) in await db.RetentionInForceAsync(cancellationToken))
        {
            if (days is null)
            {
                continue;
            }

            var deleted = await DeleteAsync(db, kind, now.AddDays(-days.Value), place, cancellationToken);
            total += deleted;
            if (deleted > 0)
            {
                audit.Record(AuditActions.RetentionApplied, "retention", place.Id, new { kind = kind.ToString(), groupId = place.GroupId, botId = place.BotId, days, deleted });
                await db.SaveChangesAsync(cancellationToken);
                db.ChangeTracker.Clear();
                LogDeleted(logger, deleted, kind, days.Value);
            }
        }

        return total + await InBatchesAsync(() => db.ConversationsPastOwnRetention(now).ExceptHeld(db).OrderBy(c => c.Id).Take(BatchSize).ExecuteDeleteAsync(cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RetentionInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException or IOException)
            {
                LogFailed(logger, e);
            }
        }
    }

    private static Task<long> DeleteAsync(ChatSphereDb db, RetentionKind kind, DateTimeOffset before, RetentionPlace place, CancellationToken cancellationToken) => kind switch
    {
        RetentionKind.Conversations => InBatchesAsync(() => db.OldConversations(before, place).ExceptHeld(db).OrderBy(c => c.Id).Take(BatchSize).ExecuteDeleteAsync(cancellationToken)),
        RetentionKind.Documents => DeleteDocumentsAsync(db, before, place, cancellationToken),
        RetentionKind.EndedSessions => InBatchesAsync(() => db.OldSessions(before).ExceptHeld(db).OrderBy(s => s.Id).Take(BatchSize).ExecuteDeleteAsync(cancellationToken)),
        RetentionKind.SentMails => InBatchesAsync(() => db.OldMails(before).ExceptHeld(db).OrderBy(m => m.Id).Take(BatchSize).ExecuteDeleteAsync(cancellationToken)),
        RetentionKind.OneTimeTokens => InBatchesAsync(() => db.OldTokens(before).ExceptHeld(db).OrderBy(t => t.Id).Take(BatchSize).ExecuteDeleteAsync(cancellationToken)),
        RetentionKind.DeadLetters => DeleteDeadLettersAsync(db, before, cancellationToken),
        _ => Task.FromResult(0L),
    };

    private static async Task<long> InBatchesAsync(Func<Task<int>> deleteAsync)
    {
        long total = 0;
        for (int deleted; (deleted = await deleteAsync()) > 0;)
        {
            total += deleted;
        }

        return total;
    }

    // Few, and with a key of two columns, by which no batch can be cut off.
    private static async Task<long> DeleteDeadLettersAsync(ChatSphereDb db, DateTimeOffset before, CancellationToken cancellationToken) => await db.OldDeadLetters(before).ExecuteDeleteAsync(cancellationToken);

    /// <summary>One by one through the entity, whose event takes files and vectors along.</summary>
    private static async Task<long> DeleteDocumentsAsync(ChatSphereDb db, DateTimeOffset before, RetentionPlace place, CancellationToken cancellationToken)
    {
        long total = 0;
        for (var conflicts = 0; ;)
        {
            var batch = await db.OldDocuments(before, place).ExceptHeld(db).OrderBy(d => d.Id).Take(BatchSize).ToListAsync(cancellationToken);
            if (batch.Count == 0)
            {
                return total;
            }

            batch.ForEach(d => d.Delete());
            db.RemoveRange(batch);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                total += batch.Count;
            }
            catch (DbUpdateConcurrencyException) when (++conflicts < MaxConflicts)
            {
                // One of them is being read just now, or was deleted by its owner.
            }

            db.ChangeTracker.Clear();
        }
    }

    private async Task<long> DeleteExpiredExportsAsync(ChatSphereDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await db.DataExports.Where(e => (e.State == ExportState.Queued || e.State == ExportState.Running) && e.CreatedAt < now - ExportsGivenUp)
            .ExecuteUpdateAsync(e => e.SetProperty(x => x.State, ExportState.Failed).SetProperty(x => x.ExpiresAt, now + options.Value.ExportLifetime), cancellationToken);
        var expired = await db.DataExports.Where(e => e.ExpiresAt < now).Select(e => e.Id).ToListAsync(cancellationToken);

        // The file first: were the row gone and the file not, nobody would look for it again.
        expired.ForEach(files.Delete);
        var deleted = await db.DataExports.Where(e => expired.Contains(e.Id)).ExecuteDeleteAsync(cancellationToken);

        // And after it: whoever was sealing the file anew held the row, and may have put the file back.
        expired.ForEach(files.Delete);
        return deleted;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Count} {Kind} older than {Days} days.")]
    private static partial void LogDeleted(ILogger logger, long count, RetentionKind kind, int days);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is past its retention could not be deleted; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
