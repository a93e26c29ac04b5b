using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
namespace ChatSphere.Api.Modules.Bots;

internal static partial class BotsModule
{
    public static IEndpointRouteBuilder MapBots(this IEndpointRouteBuilder v1)
    {
        var bots = v1.MapGroup("/bots").WithTags("Bots");
        bots.MapPost("", CreateBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("CreateBot").WithSummary("Make a bot");
        bots.MapGet("", ListBots.HandleAsync).Requires(Permissions.BotsRead).WithName("ListBots").WithSummary("Bots that are mine or shared with me, newest first; `scope` says which");
        bots.MapGet("/{botId:guid}", GetBot.HandleAsync).Requires(Permissions.BotsRead).WithName("GetBot").WithSummary("One bot; its revision is the ETag").ProducesProblem(404);
        bots.MapPatch("/{botId:guid}", UpdateBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("UpdateBot").WithSummary("Change what is given, at once or as a draft").ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
        bots.MapDelete("/{botId:guid}", DeleteBot.HandleAsync).Requires(Permissions.BotsWrite).WithName("DeleteBot").WithSummary("Delete a bot and its documents; conversations with it stay readable").ProducesProblem(404);
        bots.MapGet("/{botId:guid}/shares", ListShares.HandleAsync).Requires(Permissions.BotsShare).WithName("ListShares").WithSummary("With whom my bot is shared").ProducesProblem(403).ProducesProblem(404);
        bots.MapPost("/{botId:guid}/shares", ShareBot.HandleAsync).Requires(Permissions.BotsShare).WithName("ShareBot").WithSummary("Share my bot with one more, or give another right").ProducesProblem(403).ProducesProblem(404);
        bots.MapPut("/{botId:guid}/shares", ReplaceShares.HandleAsync).Requires(Permissions.BotsShare).WithName("ReplaceShares").WithSummary("Share my bot with these and nobody else").ProducesProblem(403).ProducesProblem(404);
        bots.MapDelete("/{botId:guid}/shares/{shareId:guid}", RemoveShare.HandleAsync).Requires(Permissions.BotsShare).WithName("RemoveShare").WithSummary("Take one share back").ProducesProblem(403).ProducesProblem(404);
        bots.MapPost("/{botId:guid}/leave", LeaveBot.HandleAsync).Requires(Permissions.BotsRead).WithName("LeaveBot").WithSummary("Give back what was shared with me").ProducesProblem(404).ProducesProblem(409);
        v1.MapGet("/sharing/groups", ListShareableGroups.HandleAsync).WithTags("Bots").Requires(Permissions.BotsShare).WithName("ListShareableGroups").WithSummary("Groups that I may share with");
        v1.MapGet("/models", ListModels.HandleAsync).WithTags("Bots").Requires(Permissions.BotsRead).WithName("ListModels").WithSummary("The models that a bot can use, in the shape of OpenAI's list; with an API key, or `bots=true`, also the bots that one may talk with").WithMetadata(new OpenAiErrors());
        MapProducts(v1, bots);
        return v1;
    }
}
