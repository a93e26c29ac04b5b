using System.Collections.Concurrent;
using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatSphere.AI.Knowledge;

/// <summary>A set of vectors, and what makes vectors that can be compared with them.</summary>
/// <param name="Id">Null: what the configuration names, as long as nothing was ever chosen.</param>
/// <param name="Key">The vectors are kept under it.</param>
/// <param name="Model">As the provider calls it; null with <see cref="EmbeddingSource.None"/>.</param>
/// <param name="Embedder">Null with <see cref="EmbeddingSource.None"/>.</param>
public sealed record EmbeddingTarget(Guid? Id, string Key, EmbeddingSource Source, string? Model, int? Dimensions, IEmbeddingGenerator<string, Embedding<float>>? Embedder)
{
    /// <summary>A connection made while the system runs; null: one of the configuration.</summary>
    public Guid? ConnectionId { get; init; }

    public string? ConnectionName { get; init; }

    public DateTimeOffset? ActiveSince { get; init; }
}

/// <param name="Active">What is searched.</param>
/// <param name="Building">What is built in the shadow: new documents are written to it too.</param>
/// <param name="Keys">Of all sets that have vectors anywhere still.</param>
public sealed record LiveEmbeddings(EmbeddingTarget Active, EmbeddingTarget? Building, IReadOnlyList<string> Keys);

/// <summary>
/// Which vectors are searched and written, as this process knows it: at most <see cref="Freshness"/> old while the database answers. Whoever searches takes
/// <see cref="LiveEmbeddings.Active"/> once and uses its embedder and its key together, so that a question is never compared with another model's vectors.
/// </summary>
public sealed partial class EmbeddingSets(
    IServiceScopeFactory scopes, IEmbeddingGenerator<string, Embedding<float>> configured, ModelCatalogue catalogue, ModelCircuits circuits, TimeProvider time, ILogger<EmbeddingSets> logger,
    ProviderConnections? connections = null) : IDisposable
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private static readonly LocalEmbedder Local = new();
    private readonly ConcurrentDictionary<Guid, EmbeddingTarget> _targets = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private Known? _known;

    private sealed record Known(long At, LiveEmbeddings Live);

    /// <summary>What the configuration names: active as long as nothing was chosen.</summary>
    public EmbeddingTarget Configured { get; } = OfConfiguration(configured);

    public ValueTask<LiveEmbeddings> CurrentAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _known) is { } known && time.GetElapsedTime(known.At) < Freshness ? new(known.Live) : new(FreshAsync(cancellationToken));

    /// <summary>Reads it now, and the connections: this process knows at once what has just changed.</summary>
    public async Task<LiveEmbeddings> LoadAsync(CancellationToken cancellationToken)
    {
        if (connections is not null)
        {
            await connections.LoadAsync(cancellationToken);
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>The connection that a choice names: by the id of one made while the system runs, or by the name of one of the configuration. Null: there is none, or it cannot embed.</summary>
    public ModelConnection? Find(Guid? id, string? name)
    {
        var found = id is { } added ? connections?.Connections.FirstOrDefault(c => c.Id == added) : catalogue.Configured.FirstOrDefault(c => c.Id is null && c.Name == name);
        return found?.Keys.Any(k => k.Provider is IEmbeddingProvider) == true ? found : null;
    }

    /// <summary>The connections that can embed.</summary>
    public IReadOnlyList<ModelConnection> Connections =>
        [.. catalogue.Configured.Where(c => c.Settings is not null).Concat(connections?.Connections ?? []).Where(c => c.Keys.Any(k => k.Provider is IEmbeddingProvider))];

    /// <summary>What embeds with this model through this connection.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> Open(Guid? connectionId, string? connectionName, string model, int? dimensions) =>
        new ConnectedEmbedder(() => Find(connectionId, connectionName), model, dimensions, circuits, time);

    /// <summary>The row of <see cref="Configured"/> once something was chosen: its vectors have to be removed like any other's.</summary>
    public EmbeddingSet RetiredConfiguration(DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = Configured.Key,
        Source = Configured.Source,
        ConnectionName = Configured.ConnectionName,
        Model = Configured.Model,
        Dimensions = Configured.Dimensions,
        State = EmbeddingSetState.Retired,
        StartedAt = now,
        EndedAt = now,
    };

    public void Dispose() => _loading.Dispose();

    private async Task<LiveEmbeddings> FreshAsync(CancellationToken cancellationToken)
    {
        // One reads, and who waited finds the work done.
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (Volatile.Read(ref _known) is { } known && time.GetElapsedTime(known.At) < Freshness)
            {
                return known.Live;
            }

            return await ReadAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e) && Volatile.Read(ref _known) is not null)
        {
            LogStale(logger, e.GetBaseException().GetType().Name);
            return Volatile.Read(ref _known)!.Live;
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task<LiveEmbeddings> ReadAsync(CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().EmbeddingSets.AsNoTracking().Where(s => s.VectorsRemovedAt == null).OrderBy(s => s.Id).ToListAsync(cancellationToken);
        var active = rows.Find(s => s.State == EmbeddingSetState.Active);
        var building = rows.Find(s => s.State == EmbeddingSetState.Building);
        var live = new LiveEmbeddings(
            active is null ? Configured : TargetOf(active) with { ActiveSince = active.ActiveSince },
            building is null ? null : TargetOf(building),
            [.. rows.Select(s => s.Key).Concat(active is null ? [Configured.Key] : []).Distinct(StringComparer.Ordinal)]);
        Volatile.Write(ref _known, new(at, live));
        return live;
    }

    // What makes the vectors never changes for a set, so it is made once.
    private EmbeddingTarget TargetOf(EmbeddingSet set) => _targets.GetOrAdd(set.Id, static (_, made) => new(made.Set.Id, made.Set.Key, made.Set.Source, made.Set.Model, made.Set.Dimensions, made.Set.Source switch
    {
        EmbeddingSource.None => null,
        EmbeddingSource.BuiltIn => Local,
        _ => made.All.Open(made.Set.ConnectionId, made.Set.ConnectionName, made.Set.Model ?? "", made.Set.Dimensions),
    })
    {
        ConnectionId = made.Set.ConnectionId,
        ConnectionName = made.Set.ConnectionName,
    }, (Set: set, All: this));

    private static EmbeddingTarget OfConfiguration(IEmbeddingGenerator<string, Embedding<float>> configured)
    {
        var model = configured.ModelId();
        return model == LocalEmbedder.Model
            ? new(null, model, EmbeddingSource.BuiltIn, model, LocalEmbedder.Dimensions, configured)
            : new(null, model, EmbeddingSource.Provider, model, null, configured) { ConnectionName = OpenAiConnection.ConnectionName };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Which embedding model is active could not be read anew; the last known one holds: {Kind}")]
    private static partial void LogStale(ILogger logger, string kind);
}
