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

/// <summary>A vote is one row of one person. Whoever sees the poll may vote, and sees who chose what.</summary>
internal static class Polls
{
    public static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> VoteAsync(
        Guid channelId, Guid messageId, VoteRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
        }

        if (seat.Member?.TimedOutUntil > time.GetUtcNow())
        {
            return ServerResponses.Missing(ServerPermissions.SendMessages);
        }

        var options = request.Options.Distinct().Order().ToList();
        var (message, refusal) = await changes.ApplyAsync(
            seat, messageId,
            async m =>
            {
                if (m.Parts.Poll is not { } poll)
                {
                    return Problems.NotFound();
                }

                if (poll.ClosedAt is not null || poll.EndsAt <= time.GetUtcNow())
                {
                    return Problems.Conflict(ErrorCodes.PollClosed, "This poll is over.");
                }

                if ((options.Count > 1 && !poll.AllowsSeveral) || options.Exists(o => poll.Options.All(p => p.Id != o)))
                {
                    return Problems.Invalid("options", poll.AllowsSeveral ? "Only options of this poll." : "One option of this poll, or none.");
                }

                var vote = await db.PollVotes.SingleOrDefaultAsync(v => v.MessageId == messageId && v.AccountId == user.AccountId, cancellationToken);
                if ((vote?.Options ?? []).SequenceEqual(options))
                {
                    return null;
                }

                if (options.Count == 0)
                {
                    db.Remove(vote!);
                }
                else if (vote is null)
                {
                    db.Add(new PollVote { MessageId = messageId, AccountId = user.AccountId, Options = options, VotedAt = time.GetUtcNow() });
                }
                else
                {
                    (vote.Options, vote.VotedAt) = (options, time.GetUtcNow());
                }

                await db.SaveChangesAsync(cancellationToken);
                await db.CountVotesAsync(m, cancellationToken);
                m.Touch();
                return null;
            },
            cancellationToken);
        return refusal is not null ? refusal : TypedResults.Ok(message!);
    }

    public static async Task<Results<Ok<MyVoteResponse>, ProblemHttpResult>> MineAsync(Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        var (message, refusal) = await GetMessage.FindAsync(channelId, messageId, user, db, seats, cancellationToken);
        return message is null ? refusal! : message.Parts.Poll is null ? Problems.NotFound()
            : TypedResults.Ok(new MyVoteResponse(await db.PollVotes.Where(v => v.MessageId == messageId && v.AccountId == user.AccountId).Select(v => v.Options).SingleOrDefaultAsync(cancellationToken) ?? []));
    }

    /// <summary>Who chose an option.</summary>
    public static async Task<Results<Ok<Page<ReactedResponse>>, ProblemHttpResult>> VotersAsync(
        Guid channelId, Guid messageId, int? option, string? cursor, int? limit, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        var (message, refusal) = await GetMessage.FindAsync(channelId, messageId, user, db, seats, cancellationToken);
        if (message is null)
        {
            return refusal!;
        }

        if (option is not { } chosen)
        {
            return Problems.Invalid("option", "It is required.");
        }

        if (!Cursor.TryRead(cursor, out Guid? after))
        {
            return Problems.Invalid("cursor", "Not a cursor of this list.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.PollVotes.AsNoTracking().Where(v => v.MessageId == messageId && v.Options.Contains(chosen) && (after == null || v.AccountId > after)).OrderBy(v => v.AccountId).Take(take + 1).ToListAsync(cancellationToken);
        var names = await ChannelMessageResponses.AuthorsAsync(db, message.ServerId, found.ConvertAll(v => v.AccountId), cancellationToken);
        return TypedResults.Ok(Pages.Of(
            found.ConvertAll(v => new ReactedResponse(v.AccountId, names.GetValueOrDefault(v.AccountId)?.Name ?? "", names.GetValueOrDefault(v.AccountId)?.AvatarVersion, v.VotedAt)), take, v => Cursor.Of(v.AccountId)));
    }
}
