using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Privacy;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Worker.Modules.Conversations;

/// <summary>Deletes temporary conversations when their time is over, but nothing that a legal hold keeps, and none that is being answered.</summary>
public sealed partial class ForgetTemporaryConversations(IServiceScopeFactory scopes, LiveFeed live, TimeProvider time, ILogger<ForgetTemporaryConversations> logger) : BackgroundService
{
    private const int BatchSize = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                LogSkipped(logger, e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>How many were deleted.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var deleted = 0;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        while (true)
        {
            var now = time.GetUtcNow();
            var over = await db.Conversations.Where(c => c.ExpiresAt < now && c.ActiveTurnId == null).ExceptHeld(db).OrderBy(c => c.Id).Take(BatchSize).Select(c => new { c.Id, c.OwnerId }).ToListAsync(cancellationToken);
            if (over.Count == 0)
            {
                return deleted;
            }

            var ids = over.ConvertAll(c => c.Id);
            deleted += await db.Conversations.Where(c => ids.Contains(c.Id) && c.ExpiresAt < now && c.ActiveTurnId == null).ExecuteDeleteAsync(cancellationToken);
            over.ForEach(c => live.Publish(c.OwnerId, LiveEventTypes.ConversationDeleted, new LiveReference(c.Id)));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Temporary conversations stay until the next round: {Kind}")]
    private static partial void LogSkipped(ILogger logger, string kind);
}
