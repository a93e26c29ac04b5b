using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Bots;

internal static partial class BotsModule
{
    public static IHostApplicationBuilder AddBots(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<IPrepareAnswer, ChooseVersion>();
        builder.Services.AddScoped<IFinishAnswer, KeepTrace>();
        builder.Services.AddSingleton<GoldenRunner>();
        builder.Services.AddHostedService(services => services.GetRequiredService<GoldenRunner>());
        return builder;
    }

    private static void MapProducts(IEndpointRouteBuilder v1, RouteGroupBuilder bots)
    {
        var bot = bots.MapGroup("/{botId:guid}").ProducesProblem(403).ProducesProblem(404);
        bot.MapPost("/archive", ArchiveBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("ArchiveBot").WithSummary("Put my bot away: in no list, and answers nobody");
        bot.MapPost("/unarchive", ArchiveBot.TakeBackAsync).Requires(Permissions.BotsWrite).WithName("UnarchiveBot").WithSummary("Take my bot back");
        bot.MapPost("/clone", CloneBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("CloneBot").WithSummary("A bot of my own with its settings, and its documents if wanted").ProducesProblem(402).ProducesProblem(409);
        bot.MapPut("/avatar", BotAvatar.PutAsync).Requires(Permissions.BotsWrite).WithName("PutBotAvatar").WithSummary("Its picture: the bytes of a PNG, JPEG or WebP; it is rewritten without anything hidden in it")
            .Accepts<byte[]>("image/png", "image/jpeg", "image/webp").WithMetadata(new RequestSizeLimitAttribute(AvatarImage.MaxBytes + 1)).ProducesProblem(413).ProducesProblem(415);
        bot.MapDelete("/avatar", BotAvatar.DeleteAsync).Requires(Permissions.BotsWrite).WithName("DeleteBotAvatar").WithSummary("Take its picture away");
        bot.MapGet("/avatar", BotAvatar.GetAsync).Requires(Permissions.BotsRead).WithName("GetBotAvatar").WithSummary("Its picture").Produces(200, contentType: "image/png");

        bot.MapGet("/versions", BotVersions.ListAsync).Requires(Permissions.BotsRead).WithName("ListBotVersions").WithSummary("What its settings were, newest first");
        bot.MapGet("/versions/{number}", BotVersions.GetAsync).Requires(Permissions.BotsRead).WithName("GetBotVersion").WithSummary("One version with its settings");
        bot.MapGet("/diff", BotVersions.CompareAsync).Requires(Permissions.BotsRead).WithName("CompareBotVersions").WithSummary("What changes between two versions; `from` and `to` are numbers, `live` or `draft`");
        bot.MapPost("/rollback", ChangeLiveVersion.RollBackAsync).Requires(Permissions.BotsWrite).WithName("RollBackBot").WithSummary("Make a new version equal to an old one, in effect at once").ProducesProblem(412);
        bot.MapDelete("/draft", ChangeLiveVersion.DiscardDraftAsync).Requires(Permissions.BotsWrite).WithName("DiscardBotDraft").WithSummary("Throw the draft away").ProducesProblem(412);
        bot.MapPost("/publish", PublishBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("PublishBot").WithSummary("Make the draft the version in effect, for all or for a share of the conversations").ProducesProblem(409).ProducesProblem(412);
        bot.MapPut("/canary", ChangeLiveVersion.ShareCanaryAsync).Requires(Permissions.BotsWrite).WithName("ShareBotCanary").WithSummary("Give the version on trial to another share").ProducesProblem(409).ProducesProblem(412);
        bot.MapPost("/canary/promote", ChangeLiveVersion.PromoteCanaryAsync).Requires(Permissions.BotsWrite).WithName("PromoteBotCanary").WithSummary("Give the version on trial to everybody").ProducesProblem(409).ProducesProblem(412);
        bot.MapDelete("/canary", ChangeLiveVersion.WithdrawCanaryAsync).Requires(Permissions.BotsWrite).WithName("WithdrawBotCanary").WithSummary("End the trial; the version is the draft again").ProducesProblem(409).ProducesProblem(412);

        bot.MapGet("/golden-questions", GoldenQuestions.ListAsync).Requires(Permissions.BotsRead).WithName("ListGoldenQuestions").WithSummary("Questions whose answers are known");
        bot.MapPost("/golden-questions", GoldenQuestions.AddAsync).Requires(Permissions.BotsWrite).WithName("AddGoldenQuestion").WithSummary("Add one").ProducesProblem(409);
        bot.MapPut("/golden-questions/{questionId:guid}", GoldenQuestions.ReplaceAsync).Requires(Permissions.BotsWrite).WithName("ReplaceGoldenQuestion").WithSummary("Change one");
        bot.MapDelete("/golden-questions/{questionId:guid}", GoldenQuestions.DeleteAsync).Requires(Permissions.BotsWrite).WithName("DeleteGoldenQuestion").WithSummary("Take one away");
        bot.MapGet("/golden-runs", GoldenRuns.ListAsync).Requires(Permissions.BotsRead).WithName("ListGoldenRuns").WithSummary("The last runs of its golden questions, newest first");
        bot.MapPost("/golden-runs", GoldenRuns.StartAsync).Requires(Permissions.BotsWrite).WithName("StartGoldenRun").WithMetadata(RateLimitClass.Turns)
            .WithSummary("Put the golden questions to the draft and to what is in effect, in the background; each answer counts as a message").ProducesProblem(409);
        bot.MapGet("/golden-runs/{runId:guid}", GoldenRuns.GetAsync).Requires(Permissions.BotsRead).WithName("GetGoldenRun").WithSummary("One run with all answers side by side");
        bot.MapPost("/golden-runs/{runId:guid}/cancel", GoldenRuns.CancelAsync).Requires(Permissions.BotsWrite).WithName("CancelGoldenRun").WithSummary("Stop asking; what was answered is kept");

        bot.MapGet("/analytics", BotAnalytics.HandleAsync).Requires(Permissions.BotsRead).WithName("GetBotAnalytics").WithSummary("How it is doing, by day and version; numbers only");
        v1.MapGet("/messages/{messageId:guid}/why", ExplainAnswer.HandleAsync).WithTags("Conversations").Requires(Permissions.ConversationsRead).WithName("ExplainAnswer")
            .WithSummary("How an answer to me came about: times, what was found and left out, models, tokens").ProducesProblem(404);
    }
}
