using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class GetMessage
{
    public static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> HandleAsync(
        Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        var (message, refusal) = await FindAsync(channelId, messageId, user, db, seats, cancellationToken);
        return message is null ? refusal! : TypedResults.Ok((await ChannelMessageResponses.OfAsync(db, [message], cancellationToken))[0]);
    }

    /// <summary>Where a forwarded message was written, for whoever may read it there.</summary>
    public static async Task<Results<Ok<MessageOriginResponse>, ProblemHttpResult>> OriginAsync(
        Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        var (message, refusal) = await FindAsync(channelId, messageId, user, db, seats, cancellationToken);
        if (message is null)
        {
            return refusal!;
        }

        return message.Parts.Forwarded is { } from && await FindAsync(from.ChannelId, from.MessageId, user, db, seats, cancellationToken) is { Message: { DeletedAt: null } there }
            ? TypedResults.Ok(new MessageOriginResponse(there.ChannelId, there.Id, there.Seq))
            : Problems.NotFound();
    }

    /// <summary>A message that this person may read, which may be deleted.</summary>
    internal static async Task<(ChannelMessage? Message, ProblemHttpResult? Refusal)> FindAsync(Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return (null, Problems.NotFound());
        }

        return !seat.May(ServerPermissions.ReadMessageHistory) ? (null, ServerResponses.Missing(ServerPermissions.ReadMessageHistory))
            : await db.ChannelMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == messageId && m.ChannelId == channelId, cancellationToken) is { } message ? (message, null)
            : (null, Problems.NotFound());
    }
}
