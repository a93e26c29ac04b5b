using ChatSphere.Data.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Data.Privacy;

/// <summary>Erases an account, each module in a transaction of its own. Ended half-way, it is simply run again: what is gone already is no error.</summary>
public sealed class PersonalDataEraser(IServiceScopeFactory scopes)
{
    /// <param name="erasureId">Where to note which sections are done; null: nowhere.</param>
    public async Task EraseAsync(Guid accountId, Guid? erasureId, CancellationToken cancellationToken)
    {
        List<string> sections;
        await using (var scope = scopes.CreateAsyncScope())
        {
            sections = [.. scope.ServiceProvider.GetServices<IPersonalData>().Select(d => d.Section)];
        }

        foreach (var section in sections)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            var data = scope.ServiceProvider.GetServices<IPersonalData>().Single(d => d.Section == section);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await data.EraseAsync(accountId, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            if (erasureId is { } id)
            {
                await db.Database.ExecuteSqlAsync(
                    $"update privacy.erasures set done_sections = array_append(done_sections, {section}) where id = {id} and not {section} = any(done_sections)", cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
    }
}

/// <param name="Erased">Accounts erased again.</param>
/// <param name="Cancelled">Erasures that wait in a restored database although they had been cancelled.</param>
/// <param name="NotOurs">Lines that were passed over.</param>
public sealed record ReplayResult(int Erased, int Cancelled, int NotOurs);

/// <summary>After a restore of an older backup: does again what the journal says and the database does not know.</summary>
public sealed partial class PurgeReplay(PurgeJournal journal, PersonalDataEraser eraser, IServiceScopeFactory scopes, TimeProvider time, ILogger<PurgeReplay> logger)
{
    public async Task<ReplayResult> RunAsync(CancellationToken cancellationToken)
    {
        var result = new ReplayResult(0, 0, 0);
        await foreach (var line in journal.ReadAsync(cancellationToken))
        {
            result = !line.IsOurs ? result with { NotOurs = result.NotOurs + 1 }
                : line.Kind == PurgeKind.Cancelled ? result with { Cancelled = result.Cancelled + (await CancelAsync(line.Id, cancellationToken) ? 1 : 0) }
                : result with { Erased = result.Erased + (await EraseAsync(line, cancellationToken) ? 1 : 0) };
        }

        if (result != new ReplayResult(0, 0, 0))
        {
            LogReplayed(logger, result.Erased, result.Cancelled, result.NotOurs);
        }

        return result;
    }

    private async Task<bool> EraseAsync(PurgeLine line, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (await db.PurgeEntries.AnyAsync(e => e.AccountId == line.Id, cancellationToken))
        {
            return false;
        }

        await eraser.EraseAsync(line.Id, null, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"insert into privacy.purge_journal (account_id, at) values ({line.Id}, {line.At}) on conflict do nothing", cancellationToken);
        var now = time.GetUtcNow();
        await db.Erasures.Where(e => e.AccountId == line.Id && (e.State == ErasureState.Waiting || e.State == ErasureState.Running)).ExecuteUpdateAsync(
            e => e.SetProperty(x => x.State, ErasureState.Done).SetProperty(x => x.DoneAt, now).SetProperty(x => x.SealedAddress, (byte[]?)null), cancellationToken);
        scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.AccountErasedAgain, "account", line.Id, new { erasedAt = line.At });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<bool> CancelAsync(Guid erasureId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        return await db.CancelErasureAsync(erasureId, cancellationToken) is not null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The purge journal was ahead of the database, as after a restore: {Erased} account(s) erased again, {Cancelled} erasure(s) cancelled again, {NotOurs} line(s) passed over because their code is wrong.")]
    private static partial void LogReplayed(ILogger logger, int erased, int cancelled, int notOurs);
}

public static class ErasureQueries
{
    /// <summary>For the secret box: <see cref="Erasure.SealedAddress"/>.</summary>
    public const string AddressPurpose = "privacy.erasure-address";

    /// <summary>Cancels an erasure that still waits and lets the person in again. Null when there is none to cancel, else the account.</summary>
    public static async Task<Guid?> CancelErasureAsync(this ChatSphereDb db, Guid erasureId, CancellationToken cancellationToken)
    {
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancellationToken) : null;
        if (await db.Erasures.Where(e => e.Id == erasureId && e.State == ErasureState.Waiting).ExecuteUpdateAsync(
            e => e.SetProperty(x => x.State, ErasureState.Cancelled).SetProperty(x => x.SealedAddress, (byte[]?)null).SetProperty(x => x.CancelHash, (byte[]?)null), cancellationToken) != 1)
        {
            return null;
        }

        var erasure = await db.Erasures.AsNoTracking().SingleAsync(e => e.Id == erasureId, cancellationToken);
        await db.Users.Where(a => a.Id == erasure.AccountId).ExecuteUpdateAsync(a => a.SetProperty(x => x.DisabledAt, erasure.DisabledBefore), cancellationToken);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return erasure.AccountId;
    }
}
