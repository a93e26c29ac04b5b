using ChatSphere.Api.Http;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class MarkRead
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid channelId, MarkReadRequest request, CurrentUser user, ChatSphereDb db, Seats seats, CommunityFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        // Nobody has read what is not there yet.
        var last = await db.ChannelCounters.Where(c => c.ChannelId == channelId).Select(c => c.LastSeq).SingleAsync(cancellationToken);
        var read = Math.Min(request.Seq, last);
        await db.Database.ExecuteSqlAsync($"""
            insert into communities.read_states (account_id, channel_id, last_read_seq, read_at) values ({user.AccountId}, {channelId}, {read}, {time.GetUtcNow()})
            on conflict (account_id, channel_id) do update set last_read_seq = excluded.last_read_seq, read_at = excluded.read_at
            """, cancellationToken);
        feed.Publish(new CommunityEvent
        {
            Type = LiveEventTypes.ChannelRead,
            ServerId = seat.Channel.ServerId,
            ChannelId = channelId,
            RightsChannelId = seat.Channel.ServerId is null ? null : seat.RightsChannelId,
            Accounts = [user.AccountId],
            Data = string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"channelId":"{{channelId}}","lastReadSeq":{{read}}}"""),
        });
        return TypedResults.NoContent();
    }
}
