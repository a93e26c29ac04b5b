using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Communities;

namespace ChatSphere.Api.Modules.Communities;

internal static partial class CommunitiesModule
{
    public static IHostApplicationBuilder AddCommunities(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerSnapshots>();
        builder.Services.AddScoped<Seats>();
        builder.Services.AddSingleton<ChannelPosts>();
        builder.Services.AddSingleton<ChannelHistory>();
        builder.Services.AddScoped<ChannelPosting>();
        builder.Services.AddScoped<CommunitySignals>();
        AddServers(builder);
        AddMessages(builder);
        return builder;
    }

    public static IEndpointRouteBuilder MapCommunities(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/server-permissions", ListServerPermissions.Handle).WithTags("Servers").Requires(Permissions.CommunitiesRead).WithName("ListServerPermissions").WithSummary("What roles in servers can allow");
        var servers = v1.MapGroup("/servers").WithTags("Servers");
        servers.MapPost("", CreateServer.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("CreateServer").WithSummary("Make a server of one's own, with a first channel").ProducesProblem(409);
        servers.MapGet("", ListServers.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("ListServers").WithSummary("The servers that I am in, by name");
        servers.MapGet("/{serverId:guid}", GetServer.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("GetServer").WithSummary("One server with its channels and roles").ProducesProblem(404);
        servers.MapPost("/{serverId:guid}/channels", CreateChannel.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("CreateChannel").WithSummary("Add a channel or category").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        servers.MapPost("/{serverId:guid}/invites", Invites.CreateAsync).Requires(Permissions.CommunitiesWrite).WithName("CreateInvite").WithSummary("A way in for others").ProducesProblem(403).ProducesProblem(404);
        var invites = v1.MapGroup("/invites").WithTags("Servers");
        invites.MapGet("/{code}", Invites.PreviewAsync).Requires(Permissions.CommunitiesRead).WithName("GetInvite").WithSummary("Where an invite leads").ProducesProblem(404);
        invites.MapPost("/{code}/accept", Invites.AcceptAsync).Requires(Permissions.CommunitiesWrite).WithName("AcceptInvite").WithSummary("Join by an invite").ProducesProblem(403).ProducesProblem(404);

        var channels = v1.MapGroup("/channels/{channelId:guid}").WithTags("Channels");
        channels.MapGet("", GetChannel.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("GetChannel").WithSummary("One channel, and how far I have read").ProducesProblem(404);
        channels.MapPost("/messages", PostMessage.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("PostMessage").WithSummary("Write a message").WithMetadata(RateLimitClass.ChannelMessages).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        channels.MapGet("/messages", ListChannelMessages.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("ListChannelMessages").WithSummary("Messages around a number, oldest first").ProducesProblem(403).ProducesProblem(404);
        channels.MapGet("/changes", ListChannelChanges.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("ListChannelChanges").WithSummary("What became of its messages since a change").ProducesProblem(403).ProducesProblem(404);
        channels.MapPut("/read", MarkRead.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("MarkRead").WithSummary("I have read this far; a lower number marks as unread again").ProducesProblem(404);
        MapServers(v1);
        MapMessages(v1);
        return v1;
    }
}
