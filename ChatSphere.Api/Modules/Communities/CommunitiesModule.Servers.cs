using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Communities;

internal static partial class CommunitiesModule
{
    private static void AddServers(IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<ServerLog>();
        builder.Services.AddScoped<ServerChanges>();
        builder.Services.AddScoped<JoiningServers>();
    }

    private static void MapServers(IEndpointRouteBuilder v1)
    {
        var (read, write) = (Permissions.CommunitiesRead, Permissions.CommunitiesWrite);
        v1.MapGet("/servers/deleted", DeleteServer.ListAsync).WithTags("Servers").Requires(read).WithName("ListDeletedServers").WithSummary("My deleted servers that can still be taken back");
        var discover = v1.MapGroup("/discover/servers").WithTags("Servers");
        discover.MapGet("", DiscoverServers.ListAsync).Requires(read).WithName("DiscoverServers").WithSummary("Servers that anybody may join, newest first").ProducesProblem(400);
        discover.MapPost("/{serverId:guid}/join", DiscoverServers.JoinAsync).Requires(write).WithName("JoinServer").WithSummary("Join a server that anybody may join").ProducesProblem(403).ProducesProblem(404);

        var server = v1.MapGroup("/servers/{serverId:guid}").WithTags("Servers").ProducesProblem(404);
        server.MapPatch("", UpdateServer.HandleAsync).Requires(write).WithName("UpdateServer").WithSummary("Change its name, description, or whether anybody may join").ProducesProblem(403);
        server.MapDelete("", DeleteServer.HandleAsync).Requires(write).WithName("DeleteServer").WithSummary("Delete it; for 7 days it can be taken back").ProducesProblem(403);
        server.MapPost("/restore", DeleteServer.RestoreAsync).Requires(write).WithName("RestoreServer").WithSummary("Take back that it was deleted").ProducesProblem(403).ProducesProblem(409);
        server.MapPost("/leave", LeaveServer.HandleAsync).Requires(write).WithName("LeaveServer").WithSummary("Leave; an owner gives it to somebody else first").ProducesProblem(409);
        server.MapPost("/transfer", TransferServer.HandleAsync).Requires(write).RequiresRecentAuthentication().WithName("TransferServer").WithSummary("Give it to another member").ProducesProblem(400);
        server.MapPut("/icon", ServerIcon.PutAsync).Requires(write).WithName("PutServerIcon").WithSummary("Its picture: the bytes of a PNG, JPEG or WebP; it is rewritten without anything hidden in it")
            .Accepts<byte[]>("image/png", "image/jpeg", "image/webp").WithMetadata(new RequestSizeLimitAttribute(AvatarImage.MaxBytes + 1)).ProducesProblem(403).ProducesProblem(413).ProducesProblem(415);
        server.MapDelete("/icon", ServerIcon.DeleteAsync).Requires(write).WithName("DeleteServerIcon").WithSummary("Take its picture away").ProducesProblem(403);
        server.MapGet("/icon", ServerIcon.GetAsync).Requires(read).WithName("GetServerIcon").WithSummary("Its picture").Produces(200, contentType: "image/png");
        server.MapGet("/audit", ListServerLog.HandleAsync).Requires(read).WithName("ListServerLog").WithSummary("What was done in it, newest first").ProducesProblem(400).ProducesProblem(403);
        server.MapGet("/view-as", ViewAs.HandleAsync).Requires(read).WithName("ViewServerAs").WithSummary("What a member, or somebody with some roles, would see").ProducesProblem(400).ProducesProblem(403);
        server.MapGet("/invites", Invites.ListAsync).Requires(read).WithName("ListInvites").WithSummary("Invites that still work: all for who manages the server, else one's own");
        server.MapDelete("/invites/{inviteId:guid}", Invites.RevokeAsync).Requires(write).WithName("RevokeInvite").WithSummary("Take an invite back");

        var members = server.MapGroup("/members");
        members.MapGet("", ListMembers.HandleAsync).Requires(read).WithName("ListServerMembers").WithSummary("Who is in it, by name").ProducesProblem(400);
        var member = members.MapGroup("/{memberId:guid}");
        member.MapGet("", ListMembers.OneAsync).Requires(read).WithName("GetServerMember").WithSummary("One member");
        member.MapPatch("", MemberActs.RenameAsync).Requires(write).WithName("UpdateServerMember").WithSummary("A nickname, one's own or that of somebody below").ProducesProblem(400).ProducesProblem(403);
        member.MapPut("/roles/{roleId:guid}", Roles.GiveAsync).Requires(write).WithName("GiveServerRole").WithSummary("Give a role that stands below one's own").ProducesProblem(403).ProducesProblem(409);
        member.MapDelete("/roles/{roleId:guid}", Roles.TakeAsync).Requires(write).WithName("TakeServerRole").WithSummary("Take a role that stands below one's own").ProducesProblem(403).ProducesProblem(409);
        member.MapPost("/kick", MemberActs.RemoveAsync).Requires(write).WithName("RemoveServerMember").WithSummary("Remove somebody below; they may come back").ProducesProblem(403);
        member.MapPut("/timeout", MemberActs.TimeOutAsync).Requires(write).WithName("TimeOutServerMember").WithSummary("Until then somebody below only reads").ProducesProblem(400).ProducesProblem(403);
        member.MapDelete("/timeout", MemberActs.EndTimeOutAsync).Requires(write).WithName("EndServerTimeOut").WithSummary("End a time-out").ProducesProblem(403);

        var bans = server.MapGroup("/bans");
        bans.MapGet("", Bans.ListAsync).Requires(read).WithName("ListServerBans").WithSummary("Who may not come back, newest first").ProducesProblem(400).ProducesProblem(403);
        bans.MapPut("/{accountId:guid}", Bans.PutAsync).Requires(write).WithName("BanFromServer").WithSummary("Keep somebody out, member or not").ProducesProblem(400).ProducesProblem(403);
        bans.MapDelete("/{accountId:guid}", Bans.LiftAsync).Requires(write).WithName("LiftServerBan").WithSummary("Let somebody come back").ProducesProblem(403);

        var roles = server.MapGroup("/roles");
        roles.MapPost("", Roles.CreateAsync).Requires(write).WithName("CreateServerRole").WithSummary("Add a role, lowest of all").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        roles.MapPut("/order", Roles.OrderAsync).Requires(write).WithName("OrderServerRoles").WithSummary("Put all roles in order at once").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        roles.MapPatch("/{roleId:guid}", Roles.UpdateAsync).Requires(write).WithName("UpdateServerRole").WithSummary("Change a role below one's own").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        roles.MapDelete("/{roleId:guid}", Roles.DeleteAsync).Requires(write).WithName("DeleteServerRole").WithSummary("Delete a role below one's own").ProducesProblem(403).ProducesProblem(409);

        server.MapPut("/channels/order", ChangeChannels.OrderAsync).Requires(write).WithName("OrderChannels").WithSummary("Put all channels that one sees in order and into categories at once").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        var channel = v1.MapGroup("/channels/{channelId:guid}").WithTags("Channels").ProducesProblem(404);
        channel.MapPatch("", ChangeChannels.UpdateAsync).Requires(write).WithName("UpdateChannel").WithSummary("Change a channel or category").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        channel.MapDelete("", ChangeChannels.DeleteAsync).Requires(write).WithName("DeleteChannel").WithSummary("Delete a channel with what was written in it, or a category without its channels").ProducesProblem(403);
        channel.MapGet("/overwrites", Overwrites.ListAsync).Requires(read).WithName("ListOverwrites").WithSummary("What it allows and denies roles and members").ProducesProblem(403);
        channel.MapPut("/overwrites/{targetId:guid}", Overwrites.PutAsync).Requires(write).WithName("PutOverwrite").WithSummary("What it allows and denies one role or member").ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        channel.MapDelete("/overwrites/{targetId:guid}", Overwrites.DeleteAsync).Requires(write).WithName("DeleteOverwrite").WithSummary("Nothing of its own any more for one role or member").ProducesProblem(403).ProducesProblem(409);
        channel.MapPost("/overwrites/sync", Overwrites.SyncAsync).Requires(write).WithName("SyncOverwrites").WithSummary("The same as its category, from now on").ProducesProblem(403).ProducesProblem(409);

        var moderation = v1.MapGroup("/moderation/servers").WithTags("Moderation");
        moderation.MapGet("", ModerateServers.ListAsync).Requires(Permissions.ModerationManage).WithName("ListModeratedServers").WithSummary("All servers, newest first; not what is in them").ProducesProblem(400);
        moderation.MapPost("/{serverId:guid}/close", ModerateServers.CloseAsync).Requires(Permissions.ModerationManage).WithName("CloseServer").WithSummary("Close a server: nobody sees it until it is opened again").ProducesProblem(400).ProducesProblem(404);
        moderation.MapPost("/{serverId:guid}/reopen", ModerateServers.ReopenAsync).Requires(Permissions.ModerationManage).WithName("ReopenServer").WithSummary("Open a closed server again").ProducesProblem(404);
    }
}
