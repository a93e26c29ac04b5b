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

internal static class Pins
{
    private const int Most = 50;

    public static Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> AddAsync(
        Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(
            channelId, messageId, user, seats, changes,
            async m =>
            {
                if (m.PinnedAt is not null)
                {
                    return null;
                }

                // Whoever else pins here waits for this one.
                if (await db.ChannelMessages.CountAsync(x => x.ChannelId == channelId && x.PinnedAt != null, cancellationToken) >= Most)
                {
                    return Problems.Conflict(ErrorCodes.TooMany, $"At most {Most} messages are pinned in a channel.");
                }

                m.PinnedAt = time.GetUtcNow();
                m.Touch();
                return null;
            },
            cancellationToken);

    public static Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> RemoveAsync(
        Guid channelId, Guid messageId, CurrentUser user, Seats seats, ChannelChanges changes, CancellationToken cancellationToken) =>
        ChangeAsync(
            channelId, messageId, user, seats, changes,
            m =>
            {
                if (m.PinnedAt is not null)
                {
                    m.PinnedAt = null;
                    m.Touch();
                }

                return Task.FromResult<ProblemHttpResult?>(null);
            },
            cancellationToken);

    /// <summary>What was pinned last comes first.</summary>
    public static async Task<Results<Ok<IReadOnlyList<ChannelMessageResponse>>, ProblemHttpResult>> ListAsync(Guid channelId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
        }

        var pinned = await db.ChannelMessages.AsNoTracking().Where(m => m.ChannelId == channelId && m.PinnedAt != null).OrderByDescending(m => m.PinnedAt).ThenByDescending(m => m.Seq).Take(Most).ToListAsync(cancellationToken);
        return TypedResults.Ok(await ChannelMessageResponses.OfAsync(db, pinned, cancellationToken));
    }

    private static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> ChangeAsync(
        Guid channelId, Guid messageId, CurrentUser user, Seats seats, ChannelChanges changes, Func<ChannelMessage, Task<ProblemHttpResult?>> change, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.PinMessages) && !seat.May(ServerPermissions.ManageMessages))
        {
            return ServerResponses.Missing(ServerPermissions.PinMessages);
        }

        var (message, refusal) = await changes.ApplyAsync(seat, messageId, change, cancellationToken);
        return refusal is not null ? refusal : TypedResults.Ok(message!);
    }
}
