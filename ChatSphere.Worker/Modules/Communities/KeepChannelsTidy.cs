using System.Text.Json;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Communities;

/// <summary>Closes polls that are over, puts quiet threads away, and drops files whose message is gone or was never sent. Two Workers at it do no harm: what one has done the other does not find.</summary>
public sealed partial class KeepChannelsTidy(IServiceScopeFactory scopes, CommunityFeed feed, IOptions<ChannelUpkeepOptions> options, TimeProvider time, ILogger<KeepChannelsTidy> logger) : BackgroundService
{
    private const int BatchSize = 100;

    private sealed record PutAway(Guid Id, Guid ServerId, Guid ParentId, string Name, bool IsLocked, long Messages, DateTimeOffset? LastMessageAt);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await ClosePollsAsync(stoppingToken) == BatchSize)
                {
                }

                await PutThreadsAwayAsync(stoppingToken);
                while (await SweepFilesAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    private async Task<int> ClosePollsAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var now = time.GetUtcNow();
        var over = await db.ChannelMessages.AsNoTracking().Where(m => m.PollOpenUntil <= now).OrderBy(m => m.PollOpenUntil).Select(m => new { m.Id, m.ChannelId }).Take(BatchSize).ToListAsync(cancellationToken);
        foreach (var poll in over)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var change = await db.TakeChangesAsync(poll.ChannelId, 1, cancellationToken);
            if (await db.ChannelMessages.SingleOrDefaultAsync(m => m.Id == poll.Id && m.PollOpenUntil != null, cancellationToken) is { Parts.Poll: { } open } message)
            {
                message.Parts = message.Parts with { Poll = open with { ClosedAt = now } };
                message.PollOpenUntil = null;
                message.Change = change;
                message.Touch();
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }

            db.ChangeTracker.Clear();
        }

        return over.Count;
    }

    private async Task PutThreadsAwayAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var away = await db.Database.SqlQuery<PutAway>($"""
            update communities.channels c set archived_at = {time.GetUtcNow()} from communities.channel_counters n
            where n.channel_id = c.id and c.kind = 'Thread' and c.archived_at is null and c.deleted_at is null
              and coalesce(n.last_message_at, c.created_at) < {time.GetUtcNow()} - c.auto_archive_minutes * interval '1 minute'
            returning c.id as "Id", c.server_id as "ServerId", c.parent_id as "ParentId", c.name as "Name", c.locked_at is not null as "IsLocked", n.last_seq as "Messages", n.last_message_at as "LastMessageAt"
            """).ToListAsync(cancellationToken);
        foreach (var thread in away)
        {
            feed.Publish(new CommunityEvent
            {
                Type = LiveEventTypes.ThreadChanged,
                ServerId = thread.ServerId,
                ChannelId = thread.Id,
                RightsChannelId = thread.ParentId,
                Data = JsonSerializer.Serialize(new ThreadChangedEvent(thread.Id, thread.ParentId, thread.Name, thread.Messages, thread.LastMessageAt, IsArchived: true, thread.IsLocked, IsDeleted: false), JsonSerializerOptions.Web),
            });
        }
    }

    private async Task<int> SweepFilesAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var abandoned = await db.AbandonedInChannels(time.GetUtcNow() - options.Value.KeepUnsent).OrderBy(a => a.Id).Take(BatchSize).ToListAsync(cancellationToken);
        abandoned.ForEach(a => a.Drop());
        db.RemoveRange(abandoned);
        var emoji = await db.AbandonedEmoji().OrderBy(e => e.Id).Take(BatchSize).ToListAsync(cancellationToken);
        emoji.ForEach(e => e.Drop());
        db.RemoveRange(emoji);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another Worker was quicker; the next round sees what is left.
            return 0;
        }

        return Math.Max(abandoned.Count, emoji.Count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Channels could not be tidied ({Kind}); trying again.")]
    private static partial void LogFailed(ILogger logger, string kind);
}
