using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class SearchKnowledge
{
    public static async Task<Results<Ok<SearchResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, SearchRequest request, CurrentUser user, ChatSphereDb db, KnowledgeRetriever retriever, CancellationToken cancellationToken)
    {
        if (TextRules.HasUnstorable(request.Query))
        {
            return Problems.Invalid("query", "It must not contain NUL characters or broken surrogates.");
        }

        if (await db.KnowledgeScopeAsync(botId, user.AccountId, cancellationToken) is not { } scope)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var passages = await retriever.SearchAsync(scope, request.Query, request.Top, cancellationToken);
        return TypedResults.Ok(new SearchResponse([.. passages.Select(p => new PassageResponse(
            p.ChunkId, p.DocumentId, p.DocumentName, p.Page, p.Start, p.End, p.Heading, p.Text, p.Score, p.LexicalScore, p.VectorScore))]));
    }
}
