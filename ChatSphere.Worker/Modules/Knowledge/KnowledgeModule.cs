using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;
using ChatSphere.Worker.Modules.Knowledge.Extraction;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ChatSphere.Worker.Modules.Knowledge;

public static class KnowledgeModule
{
    /// <summary>Reading documents and everything that keeps the knowledge in order. Brings the retrieval side with it; needs <c>AddChatSphereData</c> and <c>AddBlobStore</c>.</summary>
    public static IHostApplicationBuilder AddKnowledge(this IHostApplicationBuilder builder)
    {
        KnowledgeRegistration.AddKnowledge(builder);
        builder.Services.AddOptions<IngestionOptions>().BindConfiguration(IngestionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<EmbeddingOptions>().BindConfiguration(EmbeddingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton<IDocumentProgress, NobodyIsTold>();
        builder.Services.AddSingleton<DocumentReader>();
        builder.Services.AddSingleton<DocumentIngestor>();
        builder.Services.AddSingleton<RefreshStatistics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RefreshStatistics>());
        builder.Services.AddHostedService<RequeueAbandonedDocuments>();
        builder.Services.AddSingleton<BuildEmbeddings>();
        builder.Services.AddHostedService(services => services.GetRequiredService<BuildEmbeddings>());
        builder.Services.AddSingleton<RemoveOldVectors>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RemoveOldVectors>());
        builder.Services.AddHandler<IngestDocument, DocumentQueued>();
        builder.Services.AddHandler<ForgetDocument, DocumentDeleted>();
        builder.Services.AddHandler<ForgetBot, BotDeleted>();
        return builder;
    }
}
