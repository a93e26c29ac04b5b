using ChatSphere.Api.Http;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Everything in a server that I may see, threads too, up to what is there now.</summary>
internal static class MarkServerRead
{
    private sealed record Marked(Guid Channel, Guid? Parent, long Seq);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CommunityFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var visible = seats.VisibleChannels(seat).Keys.ToArray();
        var marked = await db.Database.SqlQuery<Marked>($"""
            with marked as (
                insert into communities.read_states (account_id, channel_id, last_read_seq, read_at)
                select {user.AccountId}, n.channel_id, n.last_seq, {time.GetUtcNow()} from communities.channel_counters n join communities.channels c on c.id = n.channel_id
                where n.last_seq > 0 and c.deleted_at is null and (c.id = any({visible}) or c.kind = 'Thread' and c.parent_id = any({visible}) and exists (select 1 from communities.channel_members f where f.channel_id = c.id and f.account_id = {user.AccountId}))
                on conflict (account_id, channel_id) do update set last_read_seq = excluded.last_read_seq, read_at = excluded.read_at where read_states.last_read_seq < excluded.last_read_seq
                returning channel_id, last_read_seq
            )
            select m.channel_id as "Channel", case when c.kind = 'Thread' then c.parent_id end as "Parent", m.last_read_seq as "Seq" from marked m join communities.channels c on c.id = m.channel_id
            """).ToListAsync(cancellationToken);
        foreach (var (channel, parent, seq) in marked)
        {
            feed.Publish(new CommunityEvent
            {
                Type = LiveEventTypes.ChannelRead,
                ServerId = serverId,
                ChannelId = channel,
                RightsChannelId = parent ?? channel,
                Accounts = [user.AccountId],
                Data = string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"channelId":"{{channel}}","lastReadSeq":{{seq}}}"""),
            });
        }

        return TypedResults.NoContent();
    }
}
