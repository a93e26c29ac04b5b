using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>A new channel in a category begins with what the category allows and denies, so nothing that is private there is open for a moment.</summary>
internal static class CreateChannel
{
    private const int Most = 500;

    public static async Task<Results<Created<ChannelResponse>, ProblemHttpResult>> HandleAsync(
        Guid serverId, CreateChannelRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May(ServerPermissions.ManageChannels))
        {
            return ServerResponses.Missing(ServerPermissions.ManageChannels);
        }

        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (request.Topic is { } topic && TextRules.HasUnstorable(topic))
        {
            return Problems.Invalid("topic", "It must not contain NUL characters or broken surrogates.");
        }

        if (request.Kind is Contracts.Communities.ChannelKind.Thread or Contracts.Communities.ChannelKind.Direct or Contracts.Communities.ChannelKind.Group)
        {
            return Problems.Invalid("kind", "Text, announcement, voice or category.");
        }

        var channels = change.Seat.Server.Channels;
        if (request.ParentId is { } parentId
            && (request.Kind == Contracts.Communities.ChannelKind.Category || !channels.TryGetValue(parentId, out var parent) || parent.Kind != ChannelKind.Category || !change.InChannel(parentId).HasFlag(ServerPermissions.ManageChannels)))
        {
            return Problems.Invalid("parentId", "A category of this server in which you manage channels, and none for a category.");
        }

        if (channels.Count >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A server has at most {Most} channels.");
        }

        var last = await db.Channels.Where(c => c.ServerId == serverId && c.ParentId == request.ParentId && c.Kind != ChannelKind.Thread && c.DeletedAt == null).MaxAsync(c => (int?)c.Position, cancellationToken) ?? -1;
        var channel = Channel.InServer(serverId, (ChannelKind)request.Kind, request.Name.Trim(), request.ParentId, last + 1, user.AccountId, change.Now);
        channel.Topic = request.Topic?.Trim() ?? "";
        db.Add(channel);
        if (request.ParentId is { } category)
        {
            db.AddRange((await db.ChannelOverwrites.AsNoTracking().Where(o => o.ChannelId == category).ToListAsync(cancellationToken)).Select(o => Overwrites.CopyTo(channel.Id, o)));
        }

        change.Record(ServerActions.ChannelCreated, ServerLogTarget.Channel, channel.Id, details: new { channel = channel.Name, kind = request.Kind });
        if (await change.CommitNamedAsync("channel", cancellationToken) is { } taken)
        {
            return taken;
        }

        signals.ServerChanged(serverId);
        var permissions = request.ParentId is { } inherited ? change.InChannel(inherited) : change.Seat.Permissions;
        return TypedResults.Created($"/v1/channels/{channel.Id}", ServerResponses.From(channel, permissions, null, 0, 0));
    }
}
