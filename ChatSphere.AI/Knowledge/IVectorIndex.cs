using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Knowledge;

/// <param name="Similarity">Cosine, −1 to 1.</param>
public readonly record struct VectorHit(Guid ChunkId, Guid DocumentId, float Similarity);

/// <param name="Vector">Of length 1.</param>
public readonly record struct EmbeddedChunk(Guid ChunkId, ReadOnlyMemory<float> Vector);

/// <summary>Nearest chunks by vector, always of one bot: there is no search without a scope. Vectors of other models than the configured embedder's are not found.</summary>
public interface IVectorIndex
{
    /// <summary>
    /// Best first. May name chunks of documents that are not ready yet or gone by now: the caller reads what it shows from the database, which knows.
    /// </summary>
    Task<IReadOnlyList<VectorHit>> SearchAsync(KnowledgeScope scope, ReadOnlyMemory<float> query, int top, CancellationToken cancellationToken);

    /// <summary>The caller met these in a result and the database does not have them any more.</summary>
    void Forget(KnowledgeScope scope, IReadOnlyCollection<Guid> documentIds);

    /// <summary>Before the document becomes ready; the vectors are in <c>chunk_vectors</c> or on their way there. May be called again with the same.</summary>
    Task AddAsync(Guid botId, Guid documentId, IReadOnlyList<EmbeddedChunk> chunks, CancellationToken cancellationToken);

    Task RemoveDocumentAsync(Guid botId, Guid documentId, CancellationToken cancellationToken);

    Task RemoveBotAsync(Guid botId, CancellationToken cancellationToken);
}

public static class EmbedderMetadata
{
    /// <summary>The id under which this embedder's vectors are kept.</summary>
    public static string ModelId(this IEmbeddingGenerator<string, Embedding<float>> embedder) =>
        (embedder.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId
        ?? throw new InvalidOperationException($"{embedder.GetType().Name} does not name its model.");
}
