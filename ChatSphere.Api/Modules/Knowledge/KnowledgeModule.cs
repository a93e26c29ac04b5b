using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Knowledge;

public sealed class UploadOptions
{
    public const string Section = "Uploads";

    /// <summary>Bytes in one file.</summary>
    [Range(1, long.MaxValue)]
    public long MaxFileBytes { get; set; } = 200L << 20;

    /// <summary>Files in one request.</summary>
    [Range(1, 10_000)]
    public int MaxFiles { get; set; } = 200;
}

internal static class KnowledgeModule
{
    public static IHostApplicationBuilder AddKnowledgeEndpoints(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<UploadOptions>().BindConfiguration(UploadOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return builder;
    }

    public static IEndpointRouteBuilder MapKnowledge(this IEndpointRouteBuilder v1)
    {
        var bots = v1.MapGroup("/bots/{botId:guid}").WithTags("Knowledge");
        // Each file has its own limit; the server's limit on whole bodies would cut off many good files together.
        bots.MapPost("/documents", UploadDocuments.HandleAsync).Requires(Permissions.KnowledgeWrite).WithMetadata(new DisableRequestSizeLimitAttribute()).WithName("UploadDocuments").WithSummary("Give the bot files to know: multipart/form-data, field `file`, one or many")
            .DisableAntiforgery().Accepts<IFormFile>("multipart/form-data").ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);
        bots.MapGet("/documents", ListDocuments.HandleAsync).Requires(Permissions.KnowledgeRead).WithName("ListDocuments").WithSummary("The bot's documents, newest first").ProducesProblem(404);
        bots.MapPost("/search", SearchKnowledge.HandleAsync).Requires(Permissions.KnowledgeRead).WithName("SearchKnowledge").WithSummary("Passages for a question, best first").ProducesProblem(404);

        var documents = v1.MapGroup("/documents/{documentId:guid}").WithTags("Knowledge");
        documents.MapGet("", GetDocument.HandleAsync).Requires(Permissions.KnowledgeRead).WithName("GetDocument").WithSummary("One document and how far it has been read").ProducesProblem(404);
        documents.MapDelete("", DeleteDocument.HandleAsync).Requires(Permissions.KnowledgeWrite).WithName("DeleteDocument").WithSummary("Delete a document and all that was made of it").ProducesProblem(404);
        documents.MapPost("/cancel", CancelDocument.HandleAsync).Requires(Permissions.KnowledgeWrite).WithName("CancelDocument").WithSummary("Stop reading it").ProducesProblem(404).ProducesProblem(409);
        documents.MapPost("/retry", RetryDocument.HandleAsync).Requires(Permissions.KnowledgeWrite).WithName("RetryDocument").WithSummary("Read a failed or cancelled document again").ProducesProblem(404).ProducesProblem(409);
        documents.MapGet("/content", GetDocumentContent.HandleAsync).Requires(Permissions.KnowledgeRead).WithName("GetDocumentContent").WithSummary("The extracted text, the pages that overlap a range").ProducesProblem(404);
        return v1;
    }
}
