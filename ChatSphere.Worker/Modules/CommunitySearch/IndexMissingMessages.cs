using System.Data.Common;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.CommunitySearch;

/// <summary>
/// Brings into the index what no event brought: messages from before there was one, imported ones, those of a restored backup, and those that are stored plain again after they were
/// sealed. At the start and then once a day; two Workers that do it at once do the same.
/// </summary>
internal sealed partial class IndexMissingMessages(IServiceScopeFactory scopes, ContentSeal seal, TimeProvider time, ILogger<IndexMissingMessages> logger) : BackgroundService
{
    private const int Batch = 500;

    /// <summary>How many were missing.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        if (seal.IsActive)
        {
            return 0;
        }

        var (after, count) = (Guid.Empty, 0);
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();

            // Younger ones are on their way by their events.
            var until = time.GetUtcNow().AddMinutes(-5);
            var missing = await db.Database.SqlQuery<Guid>($"""
                select m.id as "Value" from communities.messages m
                where m.id > {after} and m.kind = 'Text' and m.deleted_at is null and m.content <> '' and not starts_with(m.content, E'\x01s:') and m.created_at < {until}
                    and not exists (select 1 from communities.message_search s where s.message_id = m.id)
                    and not exists (select 1 from communities.channels c where c.id = m.channel_id and c.is_encrypted)
                order by m.id limit {Batch}
                """).ToListAsync(cancellationToken);
            if (missing.Count == 0)
            {
                return count;
            }

            var index = scope.ServiceProvider.GetRequiredService<MessageIndex>();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            foreach (var id in missing)
            {
                await index.AddAsync(id, IndexPostedMessage.Tell, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            (after, count) = (missing[^1], count + missing.Count);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromDays(1), time);
        do
        {
            try
            {
                if (await SweepAsync(stoppingToken) is > 0 and var count)
                {
                    LogIndexed(logger, count);
                }
            }
            catch (Exception e) when (e is DbException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} messages were missing in the search and are in it now.")]
    private static partial void LogIndexed(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Messages that are missing in the search stay so until tomorrow.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
