using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Knowledge;

/// <param name="Similarity">Cosine, −1 to 1.</param>
public readonly record struct VectorHit(Guid ChunkId, Guid DocumentId, float Similarity);

/// <param name="Vector">Of length 1.</param>
public readonly record struct EmbeddedChunk(Guid ChunkId, ReadOnlyMemory<float> Vector);

/// <summary>Nearest chunks by vector, always of one bot and of one set of vectors (<see cref="EmbeddingTarget.Key"/>): there is no search without a scope, and none across models.</summary>
public interface IVectorIndex
{
    /// <summary>
    /// Best first. May name chunks of documents that are not ready yet or gone by now: the caller reads what it shows from the database, which knows.
    /// </summary>
    Task<IReadOnlyList<VectorHit>> SearchAsync(string set, KnowledgeScope scope, ReadOnlyMemory<float> query, int top, CancellationToken cancellationToken);

    /// <summary>The caller met these in a result and the database does not have them any more.</summary>
    void Forget(KnowledgeScope scope, IReadOnlyCollection<Guid> documentIds);

    /// <summary>Before the document becomes ready; the vectors are in <c>chunk_vectors</c> or on their way there. May be called again with the same.</summary>
    Task AddAsync(string set, Guid botId, Guid documentId, IReadOnlyList<EmbeddedChunk> chunks, CancellationToken cancellationToken);

    /// <param name="sets">All that it may be in: <see cref="LiveEmbeddings.Keys"/>.</param>
    Task RemoveDocumentAsync(IReadOnlyCollection<string> sets, Guid botId, Guid documentId, CancellationToken cancellationToken);

    Task RemoveBotAsync(IReadOnlyCollection<string> sets, Guid botId, CancellationToken cancellationToken);

    /// <summary>Nobody searches it any more.</summary>
    Task RemoveSetAsync(string set, CancellationToken cancellationToken);
}

public static class EmbedderMetadata
{
    /// <summary>The id under which this embedder's vectors are kept.</summary>
    public static string ModelId(this IEmbeddingGenerator<string, Embedding<float>> embedder) =>
        (embedder.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId
        ?? throw new InvalidOperationException($"{embedder.GetType().Name} does not name its model.");
}
