using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.AI.Knowledge;

public sealed class KnowledgeRetriever
{
    public Task<IReadOnlyList<RetrievedPassage>> SearchAsync(KnowledgeScope scope, string query, int top, CancellationToken cancellationToken)
    {
        _ = this;
        return Task.FromResult<IReadOnlyList<RetrievedPassage>>([]);
    }
}

public static class KnowledgeRegistration
{
    public static IHostApplicationBuilder AddKnowledge(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KnowledgeRetriever>();
        return builder;
    }
}
