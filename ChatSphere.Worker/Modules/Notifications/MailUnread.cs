using System.Data.Common;
using System.Globalization;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>
/// Mails about what nobody has read: mentions and direct messages after a while, when the person is not here; and digests. What a mail says is how much waits, never what it is.
/// Rights, blocks and how far the person has read are looked at when it is sent.
/// </summary>
internal sealed partial class MailUnread(IServiceScopeFactory scopes, UnsubscribeLinks links, IOptions<SiteOptions> site, TimeProvider time, ILogger<MailUnread> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    /// <summary>Whoever used a session this recently is here.</summary>
    private static readonly TimeSpan Here = TimeSpan.FromMinutes(5);

    /// <summary>After this long it is no news any more.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromDays(2);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(6);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var account in await WaitingAsync(cancellationToken))
        {
            await MailAsync(account, cancellationToken);
        }

        foreach (var account in await DigestsDueAsync(cancellationToken))
        {
            await DigestAsync(account, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        var pruned = DateTimeOffset.MinValue;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
                if (time.GetUtcNow() - pruned >= PruneEvery)
                {
                    pruned = time.GetUtcNow();
                    await using var scope = scopes.CreateAsyncScope();
                    await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Notifications.Where(n => n.CreatedAt < pruned - Kept).ExecuteDeleteAsync(stoppingToken);
                }
            }
            catch (Exception e) when (e is DbException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e);
            }
        }
    }

    private async Task<List<Guid>> WaitingAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        var (oldest, here) = (now - Old, now - Here);
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Database.SqlQuery<Guid>($"""
            select distinct n.account_id as "Value" from notifications.notifications n left join notifications.preferences p on p.account_id = n.account_id
            where n.read_at is null and n.mailed_at is null and n.may_interrupt and n.kind in ('Mention', 'Direct') and n.created_at > {oldest}
                and n.created_at < {now} - make_interval(mins => coalesce(p.mail_after_minutes, 15)) and coalesce(p.mails_at_once, true)
                and not exists (select 1 from communities.read_states r where r.account_id = n.account_id and r.channel_id = n.channel_id and r.last_read_seq >= n.seq)
                and not exists (select 1 from accounts.sessions s where s.account_id = n.account_id and s.last_used_at > {here})
            limit {Batch}
            """).ToListAsync(cancellationToken);
    }

    private async Task MailAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();

        // Two Workers: the second finds them mailed.
        var waiting = await db.Notifications.FromSql($"select * from notifications.notifications where account_id = {accountId} and read_at is null and mailed_at is null for update skip locked").ToListAsync(cancellationToken);
        var mine = await db.NotificationPreferences.AsNoTracking().SingleOrDefaultAsync(p => p.AccountId == accountId, cancellationToken);
        var zone = await db.Profiles.Where(p => p.AccountId == accountId).Select(p => p.TimeZone).SingleOrDefaultAsync(cancellationToken);
        if (waiting.Count == 0 || (mine is { QuietFrom: { } from, QuietUntil: { } until } && NotificationRules.IsQuiet((from, until), NotificationRules.ZoneOf(mine.TimeZone ?? zone), now)))
        {
            return;
        }

        var ids = waiting.Where(n => n.Kind is NotificationKind.Mention or NotificationKind.Direct && n.MayInterrupt).Select(n => n.Id).ToArray();
        var sight = await scope.ServiceProvider.GetRequiredService<ChannelsInSight>().OfAsync(accountId, cancellationToken);
        var count = await db.InboxOf(accountId, sight.Channels).Unread(db).CountAsync(n => ids.Contains(n.Id), cancellationToken);
        foreach (var notification in waiting)
        {
            notification.MailedAt = now;
        }

        await QueueAsync(db, scope.ServiceProvider.GetRequiredService<MailOutbox>(), accountId, MailKinds.UnreadMessages, count, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<List<Guid>> DigestsDueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        var (day, week) = (now.AddDays(-1), now.AddDays(-7));
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().NotificationPreferences
            .Where(p => (p.Digest == DigestRhythm.Daily && p.DigestedAt <= day) || (p.Digest == DigestRhythm.Weekly && p.DigestedAt <= week)).OrderBy(p => p.DigestedAt).Take(Batch).Select(p => p.AccountId)
            .ToListAsync(cancellationToken);
    }

    private async Task DigestAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var mine = await db.NotificationPreferences.FromSql($"select * from notifications.preferences where account_id = {accountId} for update skip locked").SingleOrDefaultAsync(cancellationToken);
        var (now, since) = (time.GetUtcNow(), mine?.DigestedAt);
        if (mine is null || since is null || since > now - (mine.Digest == DigestRhythm.Weekly ? TimeSpan.FromDays(7) : TimeSpan.FromDays(1)))
        {
            return;
        }

        var sight = await scope.ServiceProvider.GetRequiredService<ChannelsInSight>().OfAsync(accountId, cancellationToken);
        var count = await db.InboxOf(accountId, sight.Channels).Unread(db).CountAsync(n => n.CreatedAt > since, cancellationToken);
        mine.DigestedAt = now;
        await QueueAsync(db, scope.ServiceProvider.GetRequiredService<MailOutbox>(), accountId, MailKinds.Digest, count, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>To confirmed addresses of people only.</summary>
    private async Task QueueAsync(ChatSphereDb db, MailOutbox outbox, Guid accountId, string kind, int count, CancellationToken cancellationToken)
    {
        if (count > 0 && await db.Users.AsNoTracking().Where(a => a.Id == accountId && a.Kind == AccountKind.Person && a.DisabledAt == null && a.EmailConfirmed && a.Email != null)
            .Select(a => new { a.Email, a.DisplayName }).SingleOrDefaultAsync(cancellationToken) is { } person)
        {
            outbox.Queue(accountId, person.Email!, kind, new Dictionary<string, string>
            {
                ["name"] = person.DisplayName,
                ["count"] = count.ToString(CultureInfo.InvariantCulture),
                ["link"] = site.Value.At("/inbox").ToString(),
                ["stop"] = site.Value.At($"/unsubscribe?token={links.TokenFor(accountId)}").ToString(),
            });
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mails about unread messages wait for the next round.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
