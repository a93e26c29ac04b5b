using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using EmbeddingSource = ChatSphere.Contracts.Models.EmbeddingSource;
using Source = ChatSphere.Data.Knowledge.EmbeddingSource;

namespace ChatSphere.Api.Modules.Models;

internal static class GetEmbeddings
{
    /// <summary>Beside their text, passages overlap a little and carry headings.</summary>
    private const double Overhead = 1.25;
    private const double CharactersPerToken = 4;

    /// <summary>Sooner, the pace says nothing.</summary>
    private static readonly TimeSpan JudgeAfter = TimeSpan.FromSeconds(5);

    public static async Task<Ok<EmbeddingsResponse>> HandleAsync(ChatSphereDb db, EmbeddingSets embeddings, ModelCatalogue models, IOptions<AiOptions> options, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(await ReadAsync(db, embeddings, models, options.Value, time, cancellationToken));

    public static async Task<EmbeddingsResponse> ReadAsync(ChatSphereDb db, EmbeddingSets embeddings, ModelCatalogue models, AiOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        // Lists come late; whoever looks at this page waits for them once.
        var live = await embeddings.LoadAsync(cancellationToken);
        var connections = embeddings.Connections;
        await Task.WhenAll(connections.Select(c => c.IdsAsync(cancellationToken)));
        var ready = db.Documents.Where(d => d.Stage == DocumentStage.Ready);
        var passages = await ready.SumAsync(d => (long)d.ChunksTotal, cancellationToken);
        var tokens = (long)((await ready.SumAsync(d => (long)(d.Characters ?? 0), cancellationToken)) / CharactersPerToken * Overhead);

        // The configuration's own retired set was never chosen.
        var last = await db.EmbeddingSets.AsNoTracking().Where(s => s.State == EmbeddingSetState.Building).FirstOrDefaultAsync(cancellationToken)
            ?? await db.EmbeddingSets.AsNoTracking().Where(s => s.State == EmbeddingSetState.Active || s.State == EmbeddingSetState.Failed || s.State == EmbeddingSetState.Cancelled)
                .OrderByDescending(s => s.StartedAt).FirstOrDefaultAsync(cancellationToken);
        var rebuild = last is null ? null : From(last, models, time);
        long? done = live.Building is not null || live.Active.Embedder is null ? null : await db.ChunkVectors.LongCountAsync(v => v.Model == live.Active.Key, cancellationToken);
        return new(
            From(live.Active, embeddings, done), rebuild,
            [.. connections.Select(c => new EmbeddingConnectionChoice(
                c.Id?.ToString() ?? c.Name, c.Name,
                [.. ModelsOf(c, embeddings, live.Active).Select(m => new EmbeddingModelChoice(m, models.InfoOf(m).InputPrice, models.CostOf(m, tokens, 0)))]))],
            passages, tokens, options.Currency);
    }

    /// <summary>Those whose names say that they embed, and those in use whatever their names.</summary>
    private static IEnumerable<string> ModelsOf(ModelConnection connection, EmbeddingSets embeddings, EmbeddingTarget active) =>
        connection.Known.Where(KnownModels.Embeds)
            .Concat(((EmbeddingTarget[])[embeddings.Configured, active])
                .Where(t => t.Source == Source.Provider && t.ConnectionId == connection.Id && (connection.Id is not null || t.ConnectionName == connection.Name)).Select(t => t.Model!))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.OrdinalIgnoreCase);

    private static ActiveEmbeddingsResponse From(EmbeddingTarget active, EmbeddingSets embeddings, long? done) => new(
        (EmbeddingSource)active.Source, active.ConnectionId?.ToString() ?? active.ConnectionName, active.ConnectionName, active.Model, active.Dimensions, active.ActiveSince, done,
        active.Source == Source.Provider && embeddings.Find(active.ConnectionId, active.ConnectionName) is null ? "Its connection is switched off or gone: documents are found by their words alone." : null);

    private static EmbeddingRebuildResponse From(EmbeddingSet set, ModelCatalogue models, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var worked = set.PassagesDone + set.PassagesRefused;
        var left = Math.Max(0, set.PassagesTotal - worked);
        var took = now - set.StartedAt;
        DateTimeOffset? expected = set.State == EmbeddingSetState.Building && worked > 0 && took >= JudgeAfter && set.Trouble is null ? now + (took * ((double)left / worked)) : null;
        return new(
            set.Id,
            set.State switch
            {
                EmbeddingSetState.Building => EmbeddingRebuildStatus.Building,
                EmbeddingSetState.Failed => EmbeddingRebuildStatus.Failed,
                EmbeddingSetState.Cancelled => EmbeddingRebuildStatus.Cancelled,
                _ => EmbeddingRebuildStatus.Completed,
            },
            (EmbeddingSource)set.Source, set.ConnectionName, set.Model, set.Dimensions, set.PassagesDone, Math.Max(set.PassagesTotal, worked), set.PassagesRefused, set.StartedAt,
            set.ActiveSince ?? set.EndedAt, expected, set.Trouble, set.FailureReason, set.TokensRead,
            set.Source != Source.Provider ? 0 : set.Model is null || set.TokensRead == 0 ? null : models.CostOf(set.Model, set.TokensRead, 0));
    }
}
