using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.OpenAi;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.OpenAi;

/// <summary>The part of OpenAI's API that its clients use to talk with models and bots (docs/openai-and-mcp.md).</summary>
internal static class OpenAiModule
{
    /// <summary>Pictures travel inside the JSON.</summary>
    private const int MaxBody = 20 << 20;

    public static IHostApplicationBuilder AddOpenAi(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UnkeptAnswers>();
        builder.Services.AddScoped<AskingModels>();
        return builder;
    }

    public static IEndpointRouteBuilder MapOpenAi(this IEndpointRouteBuilder v1)
    {
        var openAi = v1.MapGroup("").WithTags("OpenAI").WithMetadata(new OpenAiErrors());
        openAi.MapPost("/chat/completions", CreateChatCompletion.HandleAsync).Requires(Permissions.ModelsUse).WithName("CreateChatCompletion")
            .WithMetadata(RateLimitClass.Turns, new RequestSizeLimitAttribute(MaxBody))
            .WithSummary("OpenAI's chat completions: a model by its id, or a bot as bot:<id>").Accepts<ChatCompletionRequest>("application/json")
            .Produces<ChatCompletionResponse>().Produces(200, contentType: "text/event-stream").ProducesProblem(402).ProducesProblem(404).ProducesProblem(413).ProducesProblem(503);
        openAi.MapPost("/responses", CreateResponse.HandleAsync).Requires(Permissions.ModelsUse).WithName("CreateResponse")
            .WithMetadata(RateLimitClass.Turns, new RequestSizeLimitAttribute(MaxBody))
            .WithSummary("OpenAI's responses, without anything kept: a model by its id, or a bot as bot:<id>").Accepts<CreateResponseRequest>("application/json")
            .Produces<ResponseBody>().Produces(200, contentType: "text/event-stream").ProducesProblem(402).ProducesProblem(404).ProducesProblem(413).ProducesProblem(503);
        openAi.MapPost("/embeddings", CreateEmbeddings.HandleAsync).Requires(Permissions.ModelsUse).WithName("CreateEmbeddings").WithMetadata(RateLimitClass.Turns)
            .WithSummary("OpenAI's embeddings, by the deployment's embedding model").Accepts<EmbeddingRequest>("application/json").Produces<EmbeddingListResponse>().ProducesProblem(404).ProducesProblem(503);
        return v1;
    }
}
