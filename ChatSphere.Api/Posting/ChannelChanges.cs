using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Posting;

/// <param name="Message">As it is now; null when refused.</param>
internal readonly record struct MessageChange(ChannelMessageResponse? Message, ProblemHttpResult? Refusal);

/// <summary>
/// The one way in which messages are changed once they are there. The channel's next number is taken first and holds the channel, so what the change looks at is what it
/// changes, and numbers become visible in their order. A change that changes nothing takes no number.
/// </summary>
internal sealed class ChannelChanges(ChatSphereDb db, ChannelPosting posting)
{
    /// <param name="change">Changes the message, which is not deleted, or says why not. Whatever it reads holds until the end.</param>
    public async Task<MessageChange> ApplyAsync(ChannelSeat seat, Guid messageId, Func<ChannelMessage, Task<ProblemHttpResult?>> change, CancellationToken cancellationToken)
    {
        ChannelMessage message;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            var next = await db.TakeChangesAsync(seat.Channel.Id, 1, cancellationToken);
            if (await db.ChannelMessages.SingleOrDefaultAsync(m => m.Id == messageId && m.ChannelId == seat.Channel.Id && m.DeletedAt == null, cancellationToken) is not { } found)
            {
                return new MessageChange(null, Problems.NotFound());
            }

            message = found;
            if (await change(message) is { } refusal)
            {
                return new MessageChange(null, refusal);
            }

            if (!db.ChangeTracker.HasChanges())
            {
                return new MessageChange((await ChannelMessageResponses.OfAsync(db, [message], cancellationToken))[0], null);
            }

            message.Change = next;
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        var response = (await ChannelMessageResponses.OfAsync(db, [message], cancellationToken))[0];
        posting.Publish(seat, response);
        return new MessageChange(response, null);
    }

    /// <summary>Empties messages in the order of their numbers, with all that belongs to them. Those that are gone already are left out. The answer: what they are now.</summary>
    public async Task<(IReadOnlyList<ChannelMessageResponse> Messages, ProblemHttpResult? Refusal)> DeleteAsync(
        ChannelSeat seat, IReadOnlyList<Guid> messageIds, Func<IReadOnlyList<ChannelMessage>, Task<ProblemHttpResult?>> mayDelete, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<ChannelMessage> messages;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            // What is there cannot become less until these numbers are given away, and is at most what was asked for.
            var held = await db.TakeChangesAsync(seat.Channel.Id, 0, cancellationToken);
            messages = await db.ChannelMessages.Where(m => messageIds.Contains(m.Id) && m.ChannelId == seat.Channel.Id && m.DeletedAt == null).OrderBy(m => m.Seq).ToListAsync(cancellationToken);
            if (messages.Count == 0)
            {
                return ([], null);
            }

            if (await mayDelete(messages) is { } refusal)
            {
                return ([], refusal);
            }

            await db.TakeChangesAsync(seat.Channel.Id, messages.Count, cancellationToken);
            var ids = messages.ConvertAll(m => m.Id);
            var files = await db.ChannelAttachments.Where(a => a.MessageId != null && ids.Contains(a.MessageId.Value)).ToListAsync(cancellationToken);
            files.ForEach(f => f.Drop());
            db.RemoveRange(files);
            await db.MessageEdits.Where(e => ids.Contains(e.MessageId)).ExecuteDeleteAsync(cancellationToken);
            await db.MessageReactions.Where(r => ids.Contains(r.MessageId)).ExecuteDeleteAsync(cancellationToken);
            await db.PollVotes.Where(v => ids.Contains(v.MessageId)).ExecuteDeleteAsync(cancellationToken);
            foreach (var message in messages)
            {
                message.Delete(now);
                message.Change = ++held;
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        var responses = await ChannelMessageResponses.OfAsync(db, messages, cancellationToken);
        foreach (var response in responses)
        {
            posting.Publish(seat, response);
        }

        return (responses, null);
    }
}
