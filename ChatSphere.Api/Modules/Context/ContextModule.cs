using System.ComponentModel.DataAnnotations;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Context;

public sealed class AttachmentOptions
{
    public const string Section = "Attachments";

    /// <summary>Of one picture as it is uploaded.</summary>
    [Range(1_000, 100_000_000)]
    public int MaxImageBytes { get; set; } = 10 << 20;

    /// <summary>Of one file.</summary>
    [Range(1_000, 10_000_000_000)]
    public long MaxFileBytes { get; set; } = 50L << 20;

    /// <summary>In one conversation.</summary>
    [Range(1, 10_000)]
    public int MaxPerConversation { get; set; } = 200;

    /// <summary>Pictures that a model is shown with one question, its own and the latest before it.</summary>
    [Range(1, 50)]
    public int MaxImagesShown { get; set; } = 6;

    /// <summary>How long an answer waits for files that are being read.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);
}

internal static class ContextModule
{
    /// <summary>Memory, summaries, follow-ups, attachments, and what is checked in answers. After <c>AddConversations</c>, whose steps these build on.</summary>
    public static IHostApplicationBuilder AddContext(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AttachmentOptions>().BindConfiguration(AttachmentOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.Patience >= TimeSpan.Zero && o.Patience <= TimeSpan.FromMinutes(5), "Attachments:Patience must be between 00:00:00 and 00:05:00.").ValidateOnStart();
        builder.Services.AddScoped<IPrepareAnswer, RecallSummary>();
        builder.Services.AddScoped<IPrepareAnswer, RecallMemories>();
        builder.Services.AddScoped<IPrepareAnswer, RecallImages>();
        builder.Services.AddScoped<IPrepareAnswer, AwaitFiles>();
        builder.Services.AddScoped<IPrepareAnswer, StandaloneQuestion>();
        builder.Services.AddScoped<IPrepareAnswer, ReadAttachedFiles>();
        builder.Services.AddScoped<IFinishAnswer, CheckAnswer>();
        builder.Services.AddScoped<IFinishAnswer, LookBack>();
        builder.Services.AddSingleton<ISideGate, SideGate>();
        builder.Services.AddSingleton<AfterAnswers>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AfterAnswers>());
        builder.Services.AddHostedService<KeepTokenCounts>();
        return builder;
    }

    public static IEndpointRouteBuilder MapContext(this IEndpointRouteBuilder v1)
    {
        var attachments = v1.MapGroup("/conversations/{conversationId:guid}/attachments").WithTags("Attachments");
        attachments.MapPost("", UploadAttachments.HandleAsync).Requires(Permissions.ConversationsWrite).WithMetadata(new DisableRequestSizeLimitAttribute()).WithName("UploadAttachments")
            .WithSummary("Give something to a conversation, to be sent with a question: multipart/form-data, field `file`, one or many. PNG, JPEG, WebP and GIF are pictures; everything else is knowledge of this conversation only")
            .DisableAntiforgery().Accepts<IFormFile>("multipart/form-data").ProducesProblem(402).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);
        attachments.MapGet("", ListAttachments.HandleAsync).Requires(Permissions.ConversationsRead).WithName("ListAttachments").WithSummary("What was given to a conversation, and how far files have been read").ProducesProblem(404);
        attachments.MapDelete("/{attachmentId:guid}", DeleteAttachment.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("DeleteAttachment").WithSummary("Take something away again").ProducesProblem(404).ProducesProblem(409);
        attachments.MapGet("/{attachmentId:guid}/content", GetAttachmentContent.HandleAsync).Requires(Permissions.ConversationsRead).WithName("GetAttachmentContent").WithSummary("A picture, or a file to download")
            .Produces(200, contentType: "application/octet-stream").ProducesProblem(404);

        var memories = v1.MapGroup("/memories").WithTags("Memory");
        memories.MapGet("", ListMemories.HandleAsync).Requires(Permissions.ConversationsRead).WithName("ListMemories").WithSummary("What is remembered about me, and what is proposed; newest first");
        memories.MapPost("", CreateMemory.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("CreateMemory").WithSummary("Have something remembered about me").ProducesProblem(409);
        memories.MapDelete("", DeleteMemories.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("DeleteMemories").WithSummary("Forget everything about me");
        memories.MapPatch("/{memoryId:guid}", UpdateMemory.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("UpdateMemory").WithSummary("Change it, or keep what was proposed").ProducesProblem(404).ProducesProblem(409);
        memories.MapDelete("/{memoryId:guid}", DeleteMemory.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("DeleteMemory").WithSummary("Forget it, or turn a proposal down").ProducesProblem(404);
        memories.MapGet("/preferences", GetMemoryPreferences.HandleAsync).Requires(Permissions.ConversationsRead).WithName("GetMemoryPreferences").WithSummary("Whether anything is remembered about me");
        memories.MapPut("/preferences", PutMemoryPreferences.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("PutMemoryPreferences").WithSummary("Set whether anything is remembered about me; switched off, nothing is used and what there is stays until it is deleted");
        return v1;
    }
}
