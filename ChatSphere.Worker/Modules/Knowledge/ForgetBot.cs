using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Deletes a bot's documents in batches, each of which raises its own events, and then what was counted over all of them.</summary>
[Handler(LongRunning = true)]
public sealed class ForgetBot(ChatSphereDb db, IVectorIndex index, EmbeddingSets embeddings) : IHandle<BotDeleted>
{
    private const int BatchSize = 20;
    private const int MaxConflicts = 10;

    public async Task HandleAsync(BotDeleted happened, CancellationToken cancellationToken)
    {
        for (var conflicts = 0; ;)
        {
            var documents = await db.Documents.Where(d => d.BotId == happened.BotId).OrderBy(d => d.Id).Take(BatchSize).ToListAsync(cancellationToken);
            if (documents.Count == 0)
            {
                break;
            }

            documents.ForEach(d => d.Delete());
            db.RemoveRange(documents);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateConcurrencyException) when (++conflicts < MaxConflicts)
            {
                // One of them is being read just now and showed its progress in between.
            }

            db.ChangeTracker.Clear();
        }

        await index.RemoveBotAsync((await embeddings.LoadAsync(cancellationToken)).Keys, happened.BotId, cancellationToken);
        await db.Database.ExecuteSqlAsync($"delete from knowledge.lexical_words where bot_id = {happened.BotId}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"delete from knowledge.lexical_df where bot_id = {happened.BotId}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"delete from knowledge.lexical_stats where bot_id = {happened.BotId}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"delete from knowledge.collections where bot_id = {happened.BotId}", cancellationToken);
    }
}
