using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Removes the vectors of sets that are not searched any more, or never were, after a grace in which nodes may still read them. Several Workers at once do no harm.</summary>
public sealed partial class RemoveOldVectors(
    NpgsqlDataSource database, IServiceScopeFactory scopes, EmbeddingSets embeddings, IVectorIndex index, IOptions<EmbeddingOptions> options, TimeProvider time, ILogger<RemoveOldVectors> logger) : BackgroundService
{
    private const int DocumentsPerBatch = 50;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>How many sets were removed.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var before = time.GetUtcNow() - options.Value.OldVectorsGrace;
        var old = await db.EmbeddingSets.AsNoTracking()
            .Where(s => s.State != EmbeddingSetState.Active && s.State != EmbeddingSetState.Building && s.VectorsRemovedAt == null && s.EndedAt <= before).OrderBy(s => s.Id).ToListAsync(cancellationToken);
        foreach (var set in old)
        {
            await RemoveAsync(set.Key, cancellationToken);
            await index.RemoveSetAsync(set.Key, cancellationToken);
            await db.EmbeddingRefusals.Where(r => r.SetId == set.Id).ExecuteDeleteAsync(cancellationToken);
            await db.EmbeddingSets.Where(s => s.Id == set.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.VectorsRemovedAt, time.GetUtcNow()), cancellationToken);
            LogRemoved(logger, set.Id);
        }

        if (old.Count > 0)
        {
            await embeddings.LoadAsync(cancellationToken);
        }

        return old.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or HttpRequestException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    /// <summary>Document by document, by their index: there is none by model alone, and one delete of everything would hold a million rows.</summary>
    private async Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        for (Guid? after = Guid.Empty; after is not null;)
        {
            await using var command = database.CreateCommand("""
                with d as (select id from knowledge.documents where id > $1 order by id limit $3),
                gone as (delete from knowledge.chunk_vectors v using d where v.document_id = d.id and v.model = $2)
                select id from d order by id desc limit 1
                """);
            command.CommandTimeout = 300;
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Value });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = DocumentsPerBatch });
            after = (Guid?)await command.ExecuteScalarAsync(cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The vectors {SetId} are not searched any more and were removed.")]
    private static partial void LogRemoved(ILogger logger, Guid setId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old vectors could not be removed ({Kind}); trying again.")]
    private static partial void LogFailed(ILogger logger, string kind);
}
