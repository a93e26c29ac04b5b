using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Each person once with each emoji; the channel's lock decides, so two at once are one.</summary>
internal static class Reactions
{
    public static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> AddAsync(
        Guid channelId, Guid messageId, string emoji, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (Missing(seat, ServerPermissions.AddReactions) is { } missing)
        {
            return missing;
        }

        var (key, name) = await KeyOfAsync(db, seat, emoji, cancellationToken);
        if (key is null)
        {
            return Problems.Invalid("emoji", "One Unicode emoji, or the id of one of this server's own.", ErrorCodes.EmojiInvalid);
        }

        var (message, refusal) = await changes.ApplyAsync(
            seat, messageId,
            async m =>
            {
                if (await db.MessageReactions.AnyAsync(r => r.MessageId == messageId && r.Emoji == key && r.AccountId == user.AccountId, cancellationToken))
                {
                    return null;
                }

                if (m.Parts.Reactions is { Count: >= ReactionCount.MostKinds } there && there.All(r => r.Emoji != key))
                {
                    return Problems.Conflict(ErrorCodes.TooMany, $"At most {ReactionCount.MostKinds} different emoji on one message.");
                }

                db.Add(new MessageReaction { MessageId = messageId, Emoji = key, AccountId = user.AccountId, CreatedAt = time.GetUtcNow() });
                await db.SaveChangesAsync(cancellationToken);
                await db.CountReactionsAsync(m, cancellationToken, name is null ? null : (key, name));
                m.Touch();
                return null;
            },
            cancellationToken);
        return refusal is not null ? refusal : TypedResults.Ok(message!);
    }

    public static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> RemoveAsync(
        Guid channelId, Guid messageId, string emoji, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        // Also one that the server has no more.
        var key = FormOf(emoji);
        var (message, refusal) = await changes.ApplyAsync(
            seat, messageId,
            async m =>
            {
                if (await db.MessageReactions.Where(r => r.MessageId == messageId && r.Emoji == key && r.AccountId == user.AccountId).ExecuteDeleteAsync(cancellationToken) > 0)
                {
                    await db.CountReactionsAsync(m, cancellationToken);
                    m.Touch();
                }

                return null;
            },
            cancellationToken);
        return refusal is not null ? refusal : TypedResults.Ok(message!);
    }

    /// <param name="emoji">Only this one; null: all.</param>
    public static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> ClearAsync(
        Guid channelId, Guid messageId, string? emoji, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (Missing(seat, ServerPermissions.ManageMessages) is { } missing)
        {
            return missing;
        }

        var key = emoji is null ? null : FormOf(emoji);
        var (message, refusal) = await changes.ApplyAsync(
            seat, messageId,
            async m =>
            {
                if (await db.MessageReactions.Where(r => r.MessageId == messageId && (key == null || r.Emoji == key)).ExecuteDeleteAsync(cancellationToken) > 0)
                {
                    await db.CountReactionsAsync(m, cancellationToken);
                    m.Touch();
                }

                return null;
            },
            cancellationToken);
        return refusal is not null ? refusal : TypedResults.Ok(message!);
    }

    /// <summary>Who, first those who did so first.</summary>
    public static async Task<Results<Ok<Page<ReactedResponse>>, ProblemHttpResult>> ListAsync(
        Guid channelId, Guid messageId, string emoji, string? cursor, int? limit, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        var (message, refusal) = await GetMessage.FindAsync(channelId, messageId, user, db, seats, cancellationToken);
        if (message is null)
        {
            return refusal!;
        }

        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? after))
        {
            return Problems.Invalid("cursor", "Not a cursor of this list.");
        }

        var take = Cursor.Limit(limit);
        var key = FormOf(emoji);
        var rows = db.MessageReactions.AsNoTracking().Where(r => r.MessageId == messageId && r.Emoji == key);
        if (after is var (time, id))
        {
            rows = rows.Where(r => r.CreatedAt > time || (r.CreatedAt == time && r.AccountId > id));
        }

        var found = await rows.OrderBy(r => r.CreatedAt).ThenBy(r => r.AccountId).Take(take + 1).ToListAsync(cancellationToken);
        var names = await ChannelMessageResponses.AuthorsAsync(db, message.ServerId, found.ConvertAll(r => r.AccountId), cancellationToken);
        return TypedResults.Ok(Pages.Of(
            found.ConvertAll(r => new ReactedResponse(r.AccountId, names.GetValueOrDefault(r.AccountId)?.Name ?? "", names.GetValueOrDefault(r.AccountId)?.AvatarVersion, r.CreatedAt)), take, r => Cursor.Of(r.ReactedAt, r.AccountId)));
    }

    /// <summary>Mine, on the messages from one number to another: what messages say of reactions does not depend on who reads them.</summary>
    public static async Task<Results<Ok<IReadOnlyList<MyReactionsResponse>>, ProblemHttpResult>> MineAsync(
        Guid channelId, long? from, long? to, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
        }

        if (from is not (>= 0 and var first) || to is not (>= 0 and var last) || last < first || last - first >= 1_000)
        {
            return Problems.Invalid("to", "Both are required; not before from, and at most 1,000 messages.");
        }

        var found = await db.MessageReactions.AsNoTracking().Where(r => r.AccountId == user.AccountId && db.ChannelMessages.Any(m => m.Id == r.MessageId && m.ChannelId == channelId && m.Seq >= first && m.Seq <= last))
            .Select(r => new { r.MessageId, r.Emoji }).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<MyReactionsResponse>>([.. found.GroupBy(r => r.MessageId).Select(g => new MyReactionsResponse(g.Key, [.. g.Select(r => r.Emoji)]))]);
    }

    /// <summary>As reactions are kept; empty, which none is, for what is no emoji.</summary>
    private static string FormOf(string emoji) => EmojiText.OneOf(emoji) ?? (Guid.TryParseExact(emoji, "D", out var id) ? id.ToString() : "");

    private static ProblemHttpResult? Missing(ChannelSeat seat, ServerPermissions right) =>
        !seat.May(ServerPermissions.ReadMessageHistory) ? ServerResponses.Missing(ServerPermissions.ReadMessageHistory)
        : !seat.May(right) ? ServerResponses.Missing(right)
        : ChannelPosting.IsLocked(seat) ? Problems.Conflict(ErrorCodes.ThreadClosed, "This thread is locked.")
        : null;

    private static async Task<(string? Key, string? Name)> KeyOfAsync(ChatSphereDb db, ChannelSeat seat, string emoji, CancellationToken cancellationToken) =>
        !Guid.TryParseExact(emoji, "D", out var id) ? (EmojiText.OneOf(emoji), null)
        : await db.ServerEmoji.Where(e => e.Id == id && e.ServerId == seat.Channel.ServerId).Select(e => e.Name).SingleOrDefaultAsync(cancellationToken) is { } name ? (id.ToString(), name)
        : (null, null);
}
