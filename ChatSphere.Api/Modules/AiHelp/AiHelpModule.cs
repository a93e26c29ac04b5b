using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Modules.AiHelp;

/// <summary>Small things that a language model does with a text, each bounded in length and time. Telling a language needs none, and telling a mood does without.</summary>
internal static class AiHelpModule
{
    public static IHostApplicationBuilder AddAiHelp(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<HelpFromModels>();
        return builder;
    }

    public static IEndpointRouteBuilder MapAiHelp(this IEndpointRouteBuilder v1)
    {
        var ai = v1.MapGroup("/ai").WithTags("AI help").WithMetadata(RateLimitClass.Turns);
        ai.MapPost("/language", DetectLanguage.Handle).Requires(Permissions.ConversationsRead).WithName("DetectLanguage").WithSummary("Which language a text is in; needs no model");
        ai.MapPost("/sentiment", TellSentiment.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("TellSentiment").WithSummary("Whether a text is in a good or a bad mood; without a model by a list of words, and says so").ProducesProblem(402);
        ai.MapPost("/summarise", Summarise.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("Summarise").WithSummary("A text in a few sentences").ProducesProblem(402).ProducesProblem(503);
        ai.MapPost("/translate", Translate.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("Translate").WithSummary("A text in another language").ProducesProblem(402).ProducesProblem(503);
        ai.MapPost("/replies", SuggestReplies.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("SuggestReplies").WithSummary("Short replies to a message").ProducesProblem(402).ProducesProblem(503);
        ai.MapPost("/classify", Classify.HandleAsync).Requires(Permissions.ConversationsWrite).WithName("Classify").WithSummary("Which of some labels fits a text; without labels, those of moderation").ProducesProblem(402).ProducesProblem(503);
        return v1;
    }
}
