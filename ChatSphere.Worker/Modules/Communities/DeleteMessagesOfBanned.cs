using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Privacy;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Communities;

/// <summary>
/// Where a ban says so, what the banned wrote lately goes with them, in small transactions so that no channel waits long; killed in between, it goes on with what is left.
/// Not of somebody under a legal hold.
/// </summary>
[Handler(LongRunning = true)]
internal sealed class DeleteMessagesOfBanned(ChatSphereDb db, TimeProvider time) : IHandle<ServerMemberLeft>
{
    private const int BatchSize = 100;

    public async Task HandleAsync(ServerMemberLeft happened, CancellationToken cancellationToken)
    {
        if (happened.DeleteMessagesSince is not { } since || await db.IsHeldAsync(happened.MemberId, cancellationToken))
        {
            return;
        }

        var written = db.ChannelMessages.Where(m => m.ServerId == happened.ServerId && m.AuthorId == happened.MemberId && m.CreatedAt >= since && m.DeletedAt == null);
        foreach (var channelId in await written.Select(m => m.ChannelId).Distinct().ToListAsync(cancellationToken))
        {
            var left = true;
            while (left)
            {
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                await db.TakeChangesAsync(channelId, 0, cancellationToken);
                var messages = await written.Where(m => m.ChannelId == channelId).OrderBy(m => m.Seq).Take(BatchSize).ToListAsync(cancellationToken);
                if (messages.Count > 0)
                {
                    await db.EmptyAsync(channelId, messages, time.GetUtcNow(), cancellationToken);
                    await db.SaveChangesAsync(cancellationToken);
                }

                await transaction.CommitAsync(cancellationToken);
                db.ChangeTracker.Clear();
                left = messages.Count == BatchSize;
            }
        }
    }
}
