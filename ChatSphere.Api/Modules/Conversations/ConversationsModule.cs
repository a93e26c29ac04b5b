using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Api.Modules.Conversations;

public sealed class TurnOptions
{
    public const string Section = "Turns";

    /// <summary>How long a node that writes answers may be silent before others take its turns for dead.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Passages given to the model.</summary>
    [Range(1, 50)]
    public int Passages { get; set; } = 8;

    /// <summary>Messages of the past that are considered; the token budget may keep fewer.</summary>
    [Range(0, 1000)]
    public int History { get; set; } = 40;

    /// <summary>Answers that one node writes at once.</summary>
    [Range(1, 100_000)]
    public int MaxRunning { get; set; } = 2_000;

    /// <summary>The largest file of conversations from elsewhere.</summary>
    [Range(1, long.MaxValue)]
    public long MaxImportBytes { get; set; } = 1_000_000_000;

    /// <summary>How long a temporary conversation is kept.</summary>
    public TimeSpan TemporaryFor { get; set; } = TimeSpan.FromHours(24);
}

internal static partial class ConversationsModule
{
    public static IHostApplicationBuilder AddConversations(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TurnOptions>().BindConfiguration(TurnOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RunningTurns>();
        builder.Services.AddSingleton<TurnRunner>();
        builder.Services.AddSingleton<TurnReader>();
        builder.Services.AddHostedService<TurnLeases>();
        builder.Services.AddSingleton<AnswerPreparation>();
        builder.Services.AddScoped<IPrepareAnswer, RecallHistory>();
        builder.Services.AddScoped<IPrepareAnswer, RetrieveKnowledge>();
        return builder;
    }

    public static IEndpointRouteBuilder MapConversations(this IEndpointRouteBuilder v1)
    {
        var conversations = v1.MapGroup("/conversations").WithTags("Conversations");
        conversations.MapPost("", CreateConversation.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("CreateConversation").WithSummary("Begin to talk with a bot").ProducesProblem(404);
        conversations.MapGet("", ListConversations.HandleAsync).Requires(Permissions.ConversationsRead).WithName("ListConversations").WithSummary("My conversations, most recently used first");
        conversations.MapGet("/{conversationId:guid}", GetConversation.HandleAsync).Requires(Permissions.ConversationsRead).WithName("GetConversation").WithSummary("One conversation").ProducesProblem(404);
        conversations.MapPatch("/{conversationId:guid}", UpdateConversation.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("UpdateConversation").WithSummary("Rename, pin, archive, file, tag").ProducesProblem(404);
        conversations.MapDelete("/{conversationId:guid}", DeleteConversation.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("DeleteConversation").WithSummary("Delete a conversation and its messages").ProducesProblem(404);
        conversations.MapGet("/{conversationId:guid}/messages", ListMessages.HandleAsync).Requires(Permissions.ConversationsRead).WithName("ListMessages").WithSummary("The messages of its current branch, newest first; all of them with tree=true").ProducesProblem(404);
        conversations.MapPost("/{conversationId:guid}/turns", CreateTurn.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("CreateTurn").WithMetadata(RateLimitClass.Turns)
            .WithSummary("Say something and have it answered; streams when text/event-stream is accepted")
            .Produces<TurnResponse>(202).Produces(200, contentType: "text/event-stream").ProducesProblem(404).ProducesProblem(409);

        var turns = v1.MapGroup("/turns/{turnId:guid}").WithTags("Conversations");
        turns.MapGet("/events", StreamTurn.HandleAsync).Requires(Permissions.ConversationsRead).WithName("StreamTurn").WithSummary("The answer as server-sent events, from the start or from Last-Event-ID")
            .Produces(200, contentType: "text/event-stream").ProducesProblem(404);
        turns.MapPost("/stop", StopTurn.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("StopTurn").WithSummary("Stop the answer; what has arrived is kept").ProducesProblem(404);
        turns.MapPost("/regenerate", AnswerAgain.OfTurnAsync).Requires(Permissions.ConversationsWrite).WithName("RegenerateTurn").WithMetadata(RateLimitClass.Turns)
            .WithSummary("Answer the same question once more, beside the old answer, by the same model or others")
            .Produces<TurnResponse>(202).Produces(200, contentType: "text/event-stream").ProducesProblem(404).ProducesProblem(409);
        v1.MapTalks();
        return v1;
    }
}
