using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.DirectMessages;

internal static class DirectChannelResponses
{
    /// <summary>Channels that an account is in, in the order given.</summary>
    public static async Task<List<DirectChannelResponse>> OfAsync(ChatSphereDb db, Guid accountId, IReadOnlyList<Guid> channelIds, CancellationToken cancellationToken)
    {
        var channels = await db.Channels.AsNoTracking().Where(c => channelIds.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancellationToken);
        var people = await db.ChannelMembers.AsNoTracking().Where(m => channelIds.Contains(m.ChannelId)).OrderBy(m => m.JoinedAt).ThenBy(m => m.AccountId).ToListAsync(cancellationToken);
        var authors = await ChannelMessageResponses.AuthorsAsync(db, null, [.. people.Select(m => m.AccountId).Distinct()], cancellationToken);
        var counters = await db.ChannelCounters.AsNoTracking().Where(c => channelIds.Contains(c.ChannelId)).ToDictionaryAsync(c => c.ChannelId, cancellationToken);
        var read = await db.ReadStates.AsNoTracking().Where(r => r.AccountId == accountId && channelIds.Contains(r.ChannelId)).ToDictionaryAsync(r => r.ChannelId, r => r.LastReadSeq, cancellationToken);

        // Whatever is unread here is meant for one.
        return [.. channelIds.Where(channels.ContainsKey).Select(id => new DirectChannelResponse(
            ServerResponses.From(
                channels[id], PermissionRules.Direct, counters.GetValueOrDefault(id), read.GetValueOrDefault(id), (int)Math.Min(int.MaxValue, (counters.GetValueOrDefault(id)?.LastSeq ?? 0) - read.GetValueOrDefault(id))),
            [.. people.Where(m => m.ChannelId == id).Select(m => authors.GetValueOrDefault(m.AccountId) ?? new AuthorResponse(m.AccountId, Contracts.Communities.AuthorKind.Person, "", null))],
            channels[id].GroupOwnerId))];
    }

    /// <summary>After the commit. These people's screens look at the channel again; among them may be somebody who has just left it.</summary>
    public static void Tell(CommunityFeed feed, Guid channelId, IReadOnlyList<Guid> accounts) => feed.Publish(new CommunityEvent
    {
        Type = LiveEventTypes.DirectChannelChanged,
        Accounts = accounts,
        Data = $$"""{"channelId":"{{channelId}}"}""",
    });
}
