using System.Security.Cryptography;
using System.Text;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Privacy;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Privacy;

/// <summary>
/// Erases accounts whose grace period is over and on which no hold is. Several Workers may look: an account is one's at a time, by an advisory lock that ends with its
/// connection, so what a killed Worker began is gone on with at the next look. The journal is written before anything is deleted.
/// </summary>
public sealed partial class EraseDueAccounts(
    IServiceScopeFactory scopes, NpgsqlDataSource source, PersonalDataEraser eraser, PurgeJournal journal, SecretBox secrets, IOptions<PrivacyOptions> options, TimeProvider time, ILogger<EraseDueAccounts> logger)
    : BackgroundService
{
    // Longer than a request, an upload or an answer that was under way when the account was disabled can go on writing.
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(30);

    /// <summary>How many accounts were erased, for the first time or once more.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        List<Guid> due;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            var now = time.GetUtcNow();
            due = await db.Erasures.Where(e => (e.State == ErasureState.Waiting && e.DueAt <= now) || e.State == ErasureState.Running || e.RepeatAt <= now).OrderBy(e => e.Id).Select(e => e.Id).ToListAsync(cancellationToken);
        }

        var erased = 0;
        foreach (var id in due)
        {
            try
            {
                erased += await EraseAsync(id, cancellationToken) ? 1 : 0;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // One that fails must not keep the others waiting; it is tried again at the next look.
                LogFailed(logger, e, id);
            }
        }

        return erased;
    }

    /// <summary>False: not due, on hold, cancelled, done, or another Worker is at it.</summary>
    public async Task<bool> EraseAsync(Guid erasureId, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended($1, 0))", connection) { Parameters = { new() { Value = "erasure " + erasureId } } })
        {
            if (await take.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return false;
            }
        }

        try
        {
            if (await BeginAsync(erasureId, cancellationToken) is not { } begun)
            {
                return false;
            }

            if (begun.Repeats)
            {
                await eraser.EraseAsync(begun.AccountId, null, cancellationToken);
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Erasures.Where(e => e.Id == erasureId).ExecuteUpdateAsync(e => e.SetProperty(x => x.RepeatAt, (DateTimeOffset?)null), cancellationToken);
                return true;
            }

            await journal.AppendAsync(PurgeKind.Erased, begun.AccountId, cancellationToken);
            await eraser.EraseAsync(begun.AccountId, erasureId, cancellationToken);
            await FinishAsync(erasureId, begun.AccountId, cancellationToken);
            return true;
        }
        finally
        {
            // The connection goes back to the pool; were it broken, the lock would have ended with it.
            await using var release = new NpgsqlCommand("select pg_advisory_unlock(hashtextextended($1, 0))", connection) { Parameters = { new() { Value = "erasure " + erasureId } } };
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await release.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ErasureInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogNotLooked(logger, e);
            }
        }
    }

    /// <summary>From here on it cannot be cancelled and no hold can be placed. Null: it is not to be done now.</summary>
    private async Task<(Guid AccountId, bool Repeats)?> BeginAsync(Guid erasureId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Erasures.Where(e => e.Id == erasureId).Select(e => new { e.AccountId, e.State, e.RepeatAt }).SingleOrDefaultAsync(cancellationToken) is not { } erasure)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (erasure.State == ErasureState.Done)
        {
            return erasure.RepeatAt <= now ? (erasure.AccountId, true) : null;
        }

        await db.LockPrivacyAsync(erasure.AccountId, cancellationToken);

        // Its own hold, and one on somebody who gave a document to one of its bots, which would go with it.
        var begun = await db.Erasures
            .Where(e => e.Id == erasureId && (e.State == ErasureState.Running || (e.State == ErasureState.Waiting && e.DueAt <= now
                && !db.HeldAccounts().Contains(e.AccountId)
                && !db.Documents.Any(d => db.HeldAccounts().Contains(d.UploadedBy) && db.Bots.Any(b => b.Id == d.BotId && b.OwnerId == e.AccountId)))))
            .ExecuteUpdateAsync(e => e.SetProperty(x => x.State, ErasureState.Running).SetProperty(x => x.CancelHash, (byte[]?)null), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return begun == 1 ? (erasure.AccountId, false) : null;
    }

    private async Task FinishAsync(Guid erasureId, Guid accountId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var address = await db.Erasures.Where(e => e.Id == erasureId).Select(e => e.SealedAddress).SingleAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"insert into privacy.purge_journal (account_id, at) values ({accountId}, {now}) on conflict do nothing", cancellationToken);
        await db.Erasures.Where(e => e.Id == erasureId).ExecuteUpdateAsync(
            e => e.SetProperty(x => x.State, ErasureState.Done).SetProperty(x => x.DoneAt, now).SetProperty(x => x.RepeatAt, now + RepeatAfter).SetProperty(x => x.SealedAddress, (byte[]?)null), cancellationToken);
        scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.AccountErased, "account", accountId, new { erasureId });
        if (address is not null && Open(address) is { } to)
        {
            scope.ServiceProvider.GetRequiredService<MailOutbox>().Queue(null, to, MailKinds.AccountErased, []);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogErased(logger, accountId);
    }

    /// <summary>Null when the key that sealed it is lost: then the person is not told, but erased all the same.</summary>
    private string? Open(byte[] address)
    {
        try
        {
            return Encoding.UTF8.GetString(secrets.Unprotect(ErasureQueries.AddressPurpose, address));
        }
        catch (Exception e) when (e is CryptographicException or MissingEncryptionKeyException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Account {AccountId} has been erased.")]
    private static partial void LogErased(ILogger logger, Guid accountId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Erasure {ErasureId} failed; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid erasureId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accounts that are due to be erased could not be looked for; trying again.")]
    private static partial void LogNotLooked(ILogger logger, Exception exception);
}
