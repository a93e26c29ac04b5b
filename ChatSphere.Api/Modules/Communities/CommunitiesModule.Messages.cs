using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Communities;

internal static partial class CommunitiesModule
{
    private static void AddMessages(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ChannelAttachmentOptions>().BindConfiguration(ChannelAttachmentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<Mentions>();
        builder.Services.AddScoped<ChannelChanges>();
    }

    private static void MapMessages(IEndpointRouteBuilder v1)
    {
        var messages = v1.MapGroup("/channels/{channelId:guid}/messages").WithTags("Messages");
        messages.MapPost("/delete", DeleteMessages.HandleManyAsync).Requires(Permissions.CommunitiesWrite).WithName("DeleteMessages").WithSummary("Delete many messages at once").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        var message = messages.MapGroup("/{messageId:guid}");
        message.MapGet("", GetMessage.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("GetMessage").WithSummary("One message").ProducesProblem(403).ProducesProblem(404);
        message.MapPatch("", EditMessage.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("EditMessage").WithSummary("Change what I wrote").WithMetadata(RateLimitClass.ChannelMessages).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        message.MapDelete("", DeleteMessages.HandleOneAsync).Requires(Permissions.CommunitiesWrite).WithName("DeleteMessage").WithSummary("Delete a message; its place stays").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        message.MapGet("/edits", ListMessageEdits.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("ListMessageEdits").WithSummary("What a message said before").ProducesProblem(403).ProducesProblem(404);
        message.MapGet("/origin", GetMessage.OriginAsync).Requires(Permissions.CommunitiesRead).WithName("GetMessageOrigin").WithSummary("Where a forwarded message was written").ProducesProblem(403).ProducesProblem(404);
        message.MapPost("/forward", ForwardMessage.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("ForwardMessage").WithSummary("Put a message into another channel").WithMetadata(RateLimitClass.ChannelMessages).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        message.MapPut("/pin", Pins.AddAsync).Requires(Permissions.CommunitiesWrite).WithName("PinMessage").WithSummary("Pin a message").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        message.MapDelete("/pin", Pins.RemoveAsync).Requires(Permissions.CommunitiesWrite).WithName("UnpinMessage").WithSummary("Unpin a message").ProducesProblem(403).ProducesProblem(404);
        message.MapPut("/vote", Polls.VoteAsync).Requires(Permissions.CommunitiesWrite).WithName("Vote").WithSummary("Vote in a poll, or take the vote back").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        message.MapGet("/vote", Polls.MineAsync).Requires(Permissions.CommunitiesRead).WithName("GetMyVote").WithSummary("What I chose in a poll").ProducesProblem(403).ProducesProblem(404);
        message.MapGet("/votes", Polls.VotersAsync).Requires(Permissions.CommunitiesRead).WithName("ListVoters").WithSummary("Who chose an option").ProducesProblem(403).ProducesProblem(404);
        message.MapDelete("/reactions", Reactions.ClearAsync).Requires(Permissions.CommunitiesWrite).WithName("ClearReactions").WithSummary("Remove everybody's reactions").ProducesProblem(403).ProducesProblem(404);
        message.MapGet("/reactions/{emoji}", Reactions.ListAsync).Requires(Permissions.CommunitiesRead).WithName("ListReactions").WithSummary("Who reacted with an emoji").ProducesProblem(403).ProducesProblem(404);
        message.MapPut("/reactions/{emoji}", Reactions.AddAsync).Requires(Permissions.CommunitiesWrite).WithName("AddReaction").WithSummary("React to a message").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        message.MapDelete("/reactions/{emoji}", Reactions.RemoveAsync).Requires(Permissions.CommunitiesWrite).WithName("RemoveReaction").WithSummary("Take a reaction back").ProducesProblem(404);

        var channel = v1.MapGroup("/channels/{channelId:guid}").WithTags("Messages");
        channel.MapGet("/pins", Pins.ListAsync).Requires(Permissions.CommunitiesRead).WithName("ListPins").WithSummary("What is pinned").ProducesProblem(403).ProducesProblem(404);
        channel.MapGet("/my-reactions", Reactions.MineAsync).Requires(Permissions.CommunitiesRead).WithName("ListMyReactions").WithSummary("My reactions to a range of messages").ProducesProblem(403).ProducesProblem(404);
        channel.MapPost("/attachments", UploadChannelAttachments.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("UploadChannelAttachments").WithSummary("Upload files to be sent with a message")
            .WithMetadata(new DisableRequestSizeLimitAttribute()).Accepts<IFormFile>("multipart/form-data").DisableAntiforgery().ProducesProblem(403).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);
        channel.MapGet("/attachments/{attachmentId:guid}", GetChannelAttachment.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("GetChannelAttachment").WithSummary("A file that was sent").ProducesProblem(403).ProducesProblem(404);
        channel.MapDelete("/attachments/{attachmentId:guid}", UploadChannelAttachments.DeleteAsync).Requires(Permissions.CommunitiesWrite).WithName("DeleteChannelAttachment").WithSummary("Take back a file that was not sent").ProducesProblem(404);

        channel.MapPost("/threads", Threads.CreateAsync).Requires(Permissions.CommunitiesWrite).WithName("CreateThread").WithSummary("Begin a thread").WithMetadata(RateLimitClass.ChannelMessages).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        channel.MapGet("/threads", Threads.ListAsync).Requires(Permissions.CommunitiesRead).WithName("ListThreads").WithSummary("A channel's threads, open or put away").ProducesProblem(403).ProducesProblem(404);
        var threads = v1.MapGroup("/threads/{threadId:guid}").WithTags("Threads");
        threads.MapGet("", Threads.GetAsync).Requires(Permissions.CommunitiesRead).WithName("GetThread").WithSummary("One thread").ProducesProblem(404);
        threads.MapPatch("", Threads.UpdateAsync).Requires(Permissions.CommunitiesWrite).WithName("UpdateThread").WithSummary("Rename, put away, open again or lock a thread").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        threads.MapDelete("", Threads.DeleteAsync).Requires(Permissions.CommunitiesWrite).WithName("DeleteThread").WithSummary("Delete a thread").ProducesProblem(403).ProducesProblem(404);
        threads.MapPut("/follow", Threads.FollowAsync).Requires(Permissions.CommunitiesWrite).WithName("FollowThread").WithSummary("Follow a thread").ProducesProblem(404);
        threads.MapDelete("/follow", Threads.UnfollowAsync).Requires(Permissions.CommunitiesWrite).WithName("UnfollowThread").WithSummary("Follow a thread no more").ProducesProblem(404);

        var server = v1.MapGroup("/servers/{serverId:guid}").WithTags("Messages");
        server.MapPost("/read", MarkServerRead.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("MarkServerRead").WithSummary("I have read everything in this server").ProducesProblem(404);
        server.MapGet("/threads", Threads.FollowedAsync).Requires(Permissions.CommunitiesRead).WithName("ListFollowedThreads").WithSummary("Open threads that I follow").ProducesProblem(404);
        server.MapGet("/emoji", Emoji.ListAsync).Requires(Permissions.CommunitiesRead).WithName("ListEmoji").WithSummary("A server's own emoji").ProducesProblem(404);
        server.MapPost("/emoji", Emoji.AddAsync).Requires(Permissions.CommunitiesWrite).WithName("AddEmoji").WithSummary("Add an emoji: the picture is the body").Accepts<Stream>("image/png", "image/jpeg", "image/webp", "image/gif").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413);
        server.MapDelete("/emoji/{emojiId:guid}", Emoji.DeleteAsync).Requires(Permissions.CommunitiesWrite).WithName("DeleteEmoji").WithSummary("Remove an emoji").ProducesProblem(403).ProducesProblem(404);
        server.MapGet("/emoji/{emojiId:guid}/image", Emoji.ImageAsync).Requires(Permissions.CommunitiesRead).WithName("GetEmojiImage").WithSummary("An emoji's picture").ProducesProblem(404);
    }
}
