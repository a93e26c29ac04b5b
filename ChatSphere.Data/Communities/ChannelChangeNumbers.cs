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
}
