using System.Globalization;
using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Privacy;
using ChatSphere.Data.Secrets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Modules.Privacy;

/// <summary>What the two ways to ask for an erasure have in common: the account is disabled, its sessions end, and the waiting begins.</summary>
internal sealed class ErasureRequests(
    ChatSphereDb db, AuditTrail audit, MailOutbox mails, SecretBox secrets, IOptions<SiteOptions> site, IOptions<PrivacyOptions> options, TimeProvider time)
{
    /// <param name="reason">Of an administrator; null: the person asks, and gets a link that cancels it.</param>
    public async Task<(Erasure? Erasure, ProblemHttpResult? Refusal)> AddAsync(Account account, Guid requestedBy, string? reason, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPrivacyAsync(account.Id, cancellationToken);
        if (account.ErasedAt is not null)
        {
            return (null, InProgress());
        }

        if (await db.IsLastAdministratorAsync(account.Id, cancellationToken))
        {
            return (null, Problems.Conflict(ErrorCodes.LastAdministrator, "This is the only administrator. Make somebody else administrator first."));
        }

        // An administrator has to deal with the hold first. The person is not told of it: the request is taken and waits (GDPR art. 17(3)).
        if (reason is not null && await db.IsHeldAsync(account.Id, cancellationToken))
        {
            return (null, Problems.Conflict(ErrorCodes.LegalHold, "A legal hold is on this account. Lift it first."));
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var (token, hash) = Erasure.NewCancelToken(id);
        var erasure = new Erasure
        {
            Id = id,
            AccountId = account.Id,
            RequestedBy = requestedBy,
            Reason = reason,
            RequestedAt = now,
            DueAt = now + options.Value.ErasureGrace,
            CancelHash = reason is null ? hash : null,
            DisabledBefore = account.DisabledAt,
            SealedAddress = account.Email is null ? null : secrets.Protect(ErasureQueries.AddressPurpose, Encoding.UTF8.GetBytes(account.Email)),
        };
        db.Erasures.Add(erasure);
        audit.Record(AuditActions.ErasureRequested, "account", account.Id, new { erasureId = id, dueAt = erasure.DueAt }, reason);
        if (account.DisabledAt is null)
        {
            audit.Record(AuditActions.DisabledForErasure, "account", account.Id, reason: "erasure");
        }

        if (account.Email is not null)
        {
            var values = new Dictionary<string, string> { ["name"] = account.DisplayName, ["due"] = erasure.DueAt.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture) };
            if (reason is null)
            {
                values["link"] = site.Value.At($"/cancel-erasure?token={token}").ToString();
            }

            mails.Queue(account.Id, account.Email, MailKinds.ErasureRequested, values);
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return (null, InProgress());
        }

        await db.Users.Where(a => a.Id == account.Id).ExecuteUpdateAsync(a => a.SetProperty(x => x.DisabledAt, x => x.DisabledAt ?? now), cancellationToken);
        await db.Sessions.Where(s => s.AccountId == account.Id && s.RevokedAt == null).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.RevokedAt, now).SetProperty(x => x.RevokedBecause, "erasure"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (erasure, null);
    }

    private static ProblemHttpResult InProgress() => Problems.Conflict(ErrorCodes.ErasureInProgress, "This account is being erased already.");
}
