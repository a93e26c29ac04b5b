using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Modules.DirectMessages;

internal static class DirectMessagesModule
{
    public static IEndpointRouteBuilder MapDirectMessages(this IEndpointRouteBuilder v1)
    {
        var channels = v1.MapGroup("/direct-channels").WithTags("Direct messages");
        channels.MapPost("", OpenDirectChannel.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("OpenDirectChannel").WithSummary("Write to somebody, or to a few people").ProducesProblem(403).ProducesProblem(404);
        channels.MapGet("", ListDirectChannels.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("ListDirectChannels").WithSummary("Whom I write with, most recent first");
        channels.MapGet("/{channelId:guid}", ListDirectChannels.GetAsync).Requires(Permissions.CommunitiesRead).WithName("GetDirectChannel").WithSummary("One direct or group channel with its people").ProducesProblem(404);
        channels.MapPatch("/{channelId:guid}", ChangeGroup.RenameAsync).Requires(Permissions.CommunitiesWrite).WithName("RenameGroup").WithSummary("Call a group something").ProducesProblem(404).ProducesProblem(409);
        channels.MapDelete("/{channelId:guid}", ChangeGroup.HideAsync).Requires(Permissions.CommunitiesWrite).WithName("HideDirectChannel").WithSummary("Put it out of my sight until somebody writes").ProducesProblem(404);
        channels.MapPut("/{channelId:guid}/people/{accountId:guid}", ChangeGroup.AddAsync).Requires(Permissions.CommunitiesWrite).WithName("AddToGroup").WithSummary("Bring somebody into a group").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        channels.MapDelete("/{channelId:guid}/people/{accountId:guid}", ChangeGroup.RemoveAsync).Requires(Permissions.CommunitiesWrite).WithName("RemoveFromGroup").WithSummary("Leave a group, or remove somebody from one's own").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        v1.MapPost("/channels/{channelId:guid}/typing", SayTyping.HandleAsync).WithTags("Channels").Requires(Permissions.CommunitiesWrite).WithName("SayTyping").WithSummary("I am writing; said at most every eight seconds").ProducesProblem(403).ProducesProblem(404);
        return v1;
    }
}
