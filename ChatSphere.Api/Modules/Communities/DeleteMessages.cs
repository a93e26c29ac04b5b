using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>The author's, or with <c>manage_messages</c> anybody's. What is left is a place with a number.</summary>
internal static class DeleteMessages
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleOneAsync(
        Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var (deleted, refusal) = await changes.DeleteAsync(
            seat, [messageId],
            async messages => messages[0].AuthorId != user.AccountId && !seat.May(ServerPermissions.ManageMessages) ? ServerResponses.Missing(ServerPermissions.ManageMessages) : await HeldAsync(db, messages, cancellationToken),
            time.GetUtcNow(), cancellationToken);
        return refusal is not null ? refusal : deleted.Count == 0 ? Problems.NotFound() : TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleManyAsync(
        Guid channelId, DeleteMessagesRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ManageMessages))
        {
            return ServerResponses.Missing(ServerPermissions.ManageMessages);
        }

        var ids = request.MessageIds.Distinct().ToList();
        if (await db.ChannelMessages.CountAsync(m => ids.Contains(m.Id) && m.ChannelId == channelId, cancellationToken) != ids.Count)
        {
            return Problems.Invalid("messageIds", "Only messages of this channel.");
        }

        var (_, refusal) = await changes.DeleteAsync(seat, ids, messages => HeldAsync(db, messages, cancellationToken), time.GetUtcNow(), cancellationToken);
        return refusal is not null ? refusal : TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult?> HeldAsync(ChatSphereDb db, IReadOnlyList<ChannelMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var author in messages.Select(m => m.AuthorId).Distinct())
        {
            if (await db.IsHeldAsync(author, cancellationToken))
            {
                return Problems.Held();
            }
        }

        return null;
    }
}
