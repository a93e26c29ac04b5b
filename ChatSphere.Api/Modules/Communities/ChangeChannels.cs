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

/// <summary>Channels and categories: their settings, their order, their end. Threads are not among them.</summary>
internal static class ChangeChannels
{
    public static async Task<Results<Ok<ChannelResponse>, ProblemHttpResult>> UpdateAsync(
        Guid channelId, UpdateChannelRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await BeginAsync(changes, user, channelId, cancellationToken);
        var (channel, refused) = await ManagedAsync(change, db, channelId, cancellationToken);
        if (change is null || channel is null)
        {
            return refused!;
        }

        if (request.Name is { } name && TextRules.Problem(name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (request.Topic is { } topic && TextRules.HasUnstorable(topic))
        {
            return Problems.Invalid("topic", "It must not contain NUL characters or broken surrogates.");
        }

        var moved = false;
        if (request.ParentId is { } parentId && (parentId == Guid.Empty ? null : (Guid?)parentId) is var parent && parent != channel.ParentId)
        {
            if (parent is { } category && (channel.Kind == ChannelKind.Category || !IsCategory(change, category)))
            {
                return Problems.Invalid("parentId", "A category of this server in which you manage channels, and none for a category.");
            }

            channel.ParentId = parent;
            channel.Position = (await db.Channels.Where(c => c.ServerId == channel.ServerId && c.ParentId == parent && c.Kind != ChannelKind.Thread && c.DeletedAt == null).MaxAsync(c => (int?)c.Position, cancellationToken) ?? -1) + 1;
            moved = true;
        }

        var was = channel.Name;
        if (request.Name is { } newName)
        {
            (channel.Name, channel.NameKey) = (newName.Trim(), LookAlikes.KeyOf(newName));
        }

        channel.Topic = request.Topic?.Trim() ?? channel.Topic;
        channel.SlowModeSeconds = request.SlowModeSeconds ?? channel.SlowModeSeconds;
        change.Record(ServerActions.ChannelChanged, ServerLogTarget.Channel, channelId, details: new { channel = channel.Name, was = was == channel.Name ? null : was, slowModeSeconds = request.SlowModeSeconds, topic = request.Topic is not null, moved });
        if (await change.CommitNamedAsync("channel", cancellationToken) is { } taken)
        {
            return taken;
        }

        signals.ServerChanged(channel.ServerId!.Value);
        return TypedResults.Ok((await ChannelResponses.OfAsync(db, user.AccountId, change.Seat.Member.RoleIds, [channel], _ => change.InChannel(channelId), cancellationToken))[0]);
    }

    /// <summary>The whole order at once, of all that the caller sees. Rights stay as they are: overwrites belong to a channel, not to its place.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> OrderAsync(
        Guid serverId, OrderChannelsRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
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

        var ids = request.Channels.Select(c => c.ChannelId).ToHashSet();
        if (ids.Count != request.Channels.Count)
        {
            return Problems.Invalid("channels", "Each channel once.");
        }

        var visible = change.Seat.Server.Channels.Keys.Where(id => change.InChannel(id).HasFlag(ServerPermissions.ViewChannel)).ToHashSet();
        if (!visible.SetEquals(ids))
        {
            return Problems.Conflict(ErrorCodes.OrderStale, "These are not the channels that there are now. Look again.");
        }

        var channels = await db.Channels.Where(c => ids.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancellationToken);
        var position = 0;
        foreach (var place in request.Channels)
        {
            var channel = channels[place.ChannelId];
            if (place.ParentId != channel.ParentId)
            {
                if (!change.InChannel(channel.Id).HasFlag(ServerPermissions.ManageChannels))
                {
                    return ServerResponses.Missing(ServerPermissions.ManageChannels);
                }

                if (place.ParentId is { } category && (channel.Kind == ChannelKind.Category || !IsCategory(change, category)))
                {
                    return Problems.Invalid("channels", "Channels are in categories in which you manage channels, and categories in none.");
                }

                channel.ParentId = place.ParentId;
            }

            channel.Position = position++;
        }

        change.Record(ServerActions.ChannelsOrdered, ServerLogTarget.Server, serverId);
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return TypedResults.NoContent();
    }

    /// <summary>Nobody sees it any more; the Worker removes it for good. What was in a category stays, without one.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid channelId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await BeginAsync(changes, user, channelId, cancellationToken);
        var (channel, refused) = await ManagedAsync(change, db, channelId, cancellationToken);
        if (change is null || channel is null)
        {
            return refused!;
        }

        channel.DeletedAt = change.Now;
        if (channel.Kind == ChannelKind.Category)
        {
            await db.Channels.Where(c => c.ParentId == channelId).ExecuteUpdateAsync(c => c.SetProperty(x => x.ParentId, (Guid?)null), cancellationToken);
        }
        else
        {
            await db.Channels.Where(c => c.ParentId == channelId && c.Kind == ChannelKind.Thread && c.DeletedAt == null).ExecuteUpdateAsync(c => c.SetProperty(x => x.DeletedAt, change.Now), cancellationToken);
        }

        change.Server.ChannelGone(channelId);
        change.Record(ServerActions.ChannelDeleted, ServerLogTarget.Channel, channelId, details: new { channel = channel.Name });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(channel.ServerId!.Value);
        return TypedResults.NoContent();
    }

    /// <summary>Null: no such channel for this member.</summary>
    internal static async Task<ServerChange?> BeginAsync(ServerChanges changes, CurrentUser user, Guid channelId, CancellationToken cancellationToken) =>
        await changes.ServerOfAsync(channelId, cancellationToken) is { } serverId ? await changes.BeginAsync(user.AccountId, serverId, cancellationToken) : null;

    private static bool IsCategory(ServerChange change, Guid id) =>
        change.Seat.Server.Channels.TryGetValue(id, out var category) && category.Kind == ChannelKind.Category && change.InChannel(id).HasFlag(ServerPermissions.ViewChannel | ServerPermissions.ManageChannels);

    private static async Task<(Channel? Channel, ProblemHttpResult? Refused)> ManagedAsync(ServerChange? change, ChatSphereDb db, Guid channelId, CancellationToken cancellationToken)
    {
        if (change is null || change.InChannel(channelId) is var may && !may.HasFlag(ServerPermissions.ViewChannel)
            || await db.Channels.SingleOrDefaultAsync(c => c.Id == channelId && c.DeletedAt == null, cancellationToken) is not { } channel)
        {
            return (null, Problems.NotFound());
        }

        return may.HasFlag(ServerPermissions.ManageChannels) ? (channel, null) : (null, ServerResponses.Missing(ServerPermissions.ManageChannels));
    }
}
