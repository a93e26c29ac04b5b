using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

public static class ChannelChangeNumbers
{
    /// <summary>
    /// Takes the channel's next numbers for changes to its messages: the first thing that a transaction does which changes some. It holds the channel until it ends, so
    /// everything that it reads after this is as it will be. The last of them; 0: there is no such channel.
    /// </summary>
    public static async Task<long> TakeChangesAsync(this ChatSphereDb db, Guid channelId, int count, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<long>($"update communities.channel_counters set last_change = last_change + {count} where channel_id = {channelId} returning last_change").ToListAsync(cancellationToken)).SingleOrDefault();

    /// <summary>Empties messages of one channel, which are not deleted yet, in the order given, with all that belongs to them. In a transaction of the caller's, who saves.</summary>
    public static async Task EmptyAsync(this ChatSphereDb db, Guid channelId, IReadOnlyList<ChannelMessage> messages, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var change = await db.TakeChangesAsync(channelId, messages.Count, cancellationToken) - messages.Count;
        var ids = messages.Select(m => m.Id).ToList();
        var files = await db.ChannelAttachments.Where(a => a.MessageId != null && ids.Contains(a.MessageId.Value)).ToListAsync(cancellationToken);
        files.ForEach(f => f.Drop());
        db.RemoveRange(files);
        await db.MessageEdits.Where(e => ids.Contains(e.MessageId)).ExecuteDeleteAsync(cancellationToken);
        await db.MessageReactions.Where(r => ids.Contains(r.MessageId)).ExecuteDeleteAsync(cancellationToken);
        await db.PollVotes.Where(v => ids.Contains(v.MessageId)).ExecuteDeleteAsync(cancellationToken);
        foreach (var message in messages)
        {
            message.Delete(now);
            message.Change = ++change;
        }
    }
}
