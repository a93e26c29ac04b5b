using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Keyset paging by the numbers themselves: with none of the three, the newest.</summary>
internal static class ListChannelMessages
{
    public static async Task<Results<Ok<IReadOnlyList<ChannelMessageResponse>>, ProblemHttpResult>> HandleAsync(
        Guid channelId, long? before, long? after, long? around, int? limit, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (new[] { before, after, around }.Count(x => x is not null) > 1)
        {
            return Problems.Invalid("before", "Only one of before, after and around.");
        }

        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
        }

        var take = Cursor.Limit(limit);
        var all = db.ChannelMessages.AsNoTracking().Where(m => m.ChannelId == channelId);
        List<ChannelMessage> found;
        if (after is { } low)
        {
            found = await all.Where(m => m.Seq > low).OrderBy(m => m.Seq).Take(take).ToListAsync(cancellationToken);
        }
        else if (around is { } middle)
        {
            found = await all.Where(m => m.Seq <= middle).OrderByDescending(m => m.Seq).Take((take + 1) / 2).ToListAsync(cancellationToken);
            found.Reverse();
            found.AddRange(await all.Where(m => m.Seq > middle).OrderBy(m => m.Seq).Take(take / 2).ToListAsync(cancellationToken));
        }
        else
        {
            found = await all.Where(m => before == null || m.Seq < before).OrderByDescending(m => m.Seq).Take(take).ToListAsync(cancellationToken);
            found.Reverse();
        }

        return TypedResults.Ok(await ChannelMessageResponses.OfAsync(db, found, cancellationToken));
    }
}
