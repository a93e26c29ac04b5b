using ChatSphere.AI.Chat;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.AI.Knowledge;

public static class KnowledgeRegistration
{
    /// <summary>
    /// <see cref="KnowledgeRetriever"/> with its embedder and vector index. Until an administrator chooses an embedding model (<see cref="EmbeddingSets"/>), the one that
    /// <c>ConnectionStrings:openai</c> names as EmbeddingModel is used, else the local one; Qdrant when <c>ConnectionStrings:qdrant_http</c> is there. Needs <c>AddChatSphereData</c>.
    /// </summary>
    public static IHostApplicationBuilder AddKnowledge(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RetrievalOptions>().BindConfiguration(RetrievalOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);

        var openAi = OpenAiConnection.From(builder.Configuration);
        builder.AddModelConnections();
        builder.Services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(services =>
        {
            if (openAi?.EmbeddingModel is not { } model)
            {
                return new LocalEmbedder();
            }

            var connection = services.GetRequiredService<ModelCatalogue>().Configured.First(c => c.Name == OpenAiConnection.ConnectionName);
            return new ConnectedEmbedder(() => connection, model, null, services.GetRequiredService<ModelCircuits>(), services.GetRequiredService<TimeProvider>());
        });
        builder.Services.AddSingleton<EmbeddingSets>();

        if (QdrantConnection.From(builder.Configuration) is { } qdrant)
        {
            builder.Services.AddHttpClient(QdrantVectorIndex.HttpClientName, http =>
            {
                http.BaseAddress = qdrant.Endpoint.AbsoluteUri.EndsWith('/') ? qdrant.Endpoint : new Uri(qdrant.Endpoint.AbsoluteUri + "/");
                http.Timeout = TimeSpan.FromSeconds(30);
                if (qdrant.Key is not null)
                {
                    http.DefaultRequestHeaders.Add("api-key", qdrant.Key);
                }
            });
            builder.Services.AddSingleton<IVectorIndex, QdrantVectorIndex>();
        }
        else
        {
            builder.Services.AddSingleton<IVectorIndex, ExactVectorIndex>();
        }

        builder.Services.AddSingleton<KnowledgeRetriever>();
        return builder;
    }
}
