using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
namespace ChatSphere.Api.Modules.Bots;

internal static class BotsModule
{
    public static IEndpointRouteBuilder MapBots(this IEndpointRouteBuilder v1)
    {
        var bots = v1.MapGroup("/bots").WithTags("Bots");
        bots.MapPost("", CreateBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("CreateBot").WithSummary("Make a bot");
        bots.MapGet("", ListBots.HandleAsync).Requires(Permissions.BotsRead).WithName("ListBots").WithSummary("My bots, newest first");
        bots.MapGet("/{botId:guid}", GetBot.HandleAsync).Requires(Permissions.BotsRead).WithName("GetBot").WithSummary("One bot").ProducesProblem(404);
        bots.MapPatch("/{botId:guid}", UpdateBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("UpdateBot").WithSummary("Change what is given").ProducesProblem(404);
        bots.MapDelete("/{botId:guid}", DeleteBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("DeleteBot").WithSummary("Delete a bot and its documents; conversations with it stay readable").ProducesProblem(404);
        v1.MapGet("/models", ListModels.HandleAsync).WithTags("Bots").Requires(Permissions.BotsRead).WithName("ListModels").WithSummary("The models that a bot can use");
        return v1;
    }
}
