using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.DirectMessages;

internal static class ListDirectChannels
{
    public static async Task<Results<Ok<Page<DirectChannelResponse>>, ProblemHttpResult>> HandleAsync(string? cursor, int? limit, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? from))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "This cursor was not given out here.");
        }

        var take = Cursor.Limit(limit);
        var mine = from m in db.ChannelMembers
                   where m.AccountId == user.AccountId
                   join c in db.Channels on m.ChannelId equals c.Id
                   where c.ServerId == null && c.DeletedAt == null
                   join n in db.ChannelCounters on c.Id equals n.ChannelId
                   where m.HiddenAtSeq == null || n.LastSeq > m.HiddenAtSeq
                   select new { c.Id, At = n.LastMessageAt ?? c.CreatedAt };
        if (from is { } last)
        {
            mine = mine.Where(c => c.At < last.Time || (c.At == last.Time && c.Id.CompareTo(last.Id) < 0));
        }

        var found = await mine.OrderByDescending(c => c.At).ThenByDescending(c => c.Id).Take(take + 1).ToListAsync(cancellationToken);
        var page = Pages.Of(found, take, c => Cursor.Of(c.At, c.Id));
        return TypedResults.Ok(new Page<DirectChannelResponse>(await DirectChannelResponses.OfAsync(db, user.AccountId, [.. page.Items.Select(c => c.Id)], cancellationToken), page.Next));
    }

    public static async Task<Results<Ok<DirectChannelResponse>, ProblemHttpResult>> GetAsync(Guid channelId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.ChannelMembers.AnyAsync(m => m.ChannelId == channelId && m.AccountId == user.AccountId && db.Channels.Any(c => c.Id == channelId && c.ServerId == null && c.DeletedAt == null), cancellationToken)
            ? TypedResults.Ok((await DirectChannelResponses.OfAsync(db, user.AccountId, [channelId], cancellationToken))[0])
            : Problems.NotFound();
}
