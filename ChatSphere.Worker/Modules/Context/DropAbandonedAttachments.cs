using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Context;

/// <summary>
/// Drops what outlived its conversation, in whichever way that went, and what was uploaded and never sent. And what was counted over the words of a conversation's files.
/// </summary>
public sealed partial class DropAbandonedAttachments(IServiceScopeFactory scopes, IVectorIndex index, EmbeddingSets embeddings, IOptions<AttachmentSweepOptions> options, TimeProvider time, ILogger<DropAbandonedAttachments> logger) : BackgroundService
{
    private const int BatchSize = 100;

    /// <summary>How many were dropped.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var abandoned = await db.Abandoned(time.GetUtcNow() - options.Value.KeepUnsent).OrderBy(a => a.Id).Take(BatchSize).ToListAsync(cancellationToken);
        abandoned.ForEach(a => a.Drop());
        db.RemoveRange(abandoned);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another Worker was quicker; the next round sees what is left.
            return 0;
        }

        return abandoned.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await SweepAsync(stoppingToken) == BatchSize)
                {
                }

                await ForgetCollectionsAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    /// <summary>Collections without documents that are neither a bot's nor a conversation's.</summary>
    private async Task ForgetCollectionsAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var gone = await db.KnowledgeCollections.Where(c => !db.Bots.Any(b => b.Id == c.BotId) && !db.Conversations.Any(x => x.Id == c.BotId) && !db.Documents.Any(d => d.BotId == c.BotId))
            .OrderBy(c => c.BotId).Select(c => c.BotId).Take(BatchSize).ToListAsync(cancellationToken);
        foreach (var id in gone)
        {
            await index.RemoveBotAsync((await embeddings.CurrentAsync(cancellationToken)).Keys, id, cancellationToken);
            await db.Database.ExecuteSqlAsync($"delete from knowledge.lexical_words where bot_id = {id}", cancellationToken);
            await db.Database.ExecuteSqlAsync($"delete from knowledge.lexical_df where bot_id = {id}", cancellationToken);
            await db.Database.ExecuteSqlAsync($"delete from knowledge.lexical_stats where bot_id = {id}", cancellationToken);
            await db.Database.ExecuteSqlAsync($"delete from knowledge.collections where bot_id = {id}", cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Abandoned attachments could not be looked for ({Kind}); trying again.")]
    private static partial void LogFailed(ILogger logger, string kind);
}
