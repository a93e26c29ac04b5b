using System.ClientModel;
using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Embeddings;
using EmbeddingGenerationOptions = Microsoft.Extensions.AI.EmbeddingGenerationOptions;

namespace ChatSphere.AI.Knowledge;

/// <summary>Embeddings from any endpoint that speaks OpenAI's protocol, made of length 1 (not every model does that itself).</summary>
public sealed class OpenAiEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingClient _client;
    private readonly EmbeddingGeneratorMetadata _metadata;

    public OpenAiEmbedder(OpenAiConnection connection)
    {
        var model = connection.EmbeddingModel ?? throw new ArgumentException("The connection names no embedding model.", nameof(connection));
        // Endpoints without keys still want the header to be there.
        var key = new ApiKeyCredential(connection.Key.Length == 0 ? "none" : connection.Key);
        _client = new OpenAIClient(key, new OpenAIClientOptions { Endpoint = connection.Endpoint, NetworkTimeout = TimeSpan.FromSeconds(30) }).GetEmbeddingClient(model);
        _metadata = new EmbeddingGeneratorMetadata("openai", connection.Endpoint, model);
    }

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        OpenAIEmbeddingCollection answer = await _client.GenerateEmbeddingsAsync(
            values, new OpenAI.Embeddings.EmbeddingGenerationOptions { Dimensions = options?.Dimensions }, cancellationToken);
        var result = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var embedding in answer.OrderBy(e => e.Index))
        {
            var vector = embedding.ToFloats().ToArray();
            var length = TensorPrimitives.Norm(vector);
            if (length > 0)
            {
                TensorPrimitives.Divide(vector, length, vector);
            }

            result.Add(new Embedding<float>(vector) { ModelId = _metadata.DefaultModelId });
        }

        result.Usage = new UsageDetails { InputTokenCount = answer.Usage?.InputTokenCount };
        return result;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
