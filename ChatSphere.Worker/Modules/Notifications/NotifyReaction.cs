using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>
/// One entry for a message however many react, about the latest of them. It is found by looking at what there is now, so events may come twice, late or not at all in between.
/// </summary>
internal sealed class NotifyReaction(ChatSphereDb db, InboxWriter inbox) : IHandle<MessageChanged>
{
    public async Task HandleAsync(MessageChanged happened, CancellationToken cancellationToken)
    {
        var message = await db.ChannelMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == happened.MessageId && m.DeletedAt == null && m.AuthorKind == AuthorKind.Person, cancellationToken);
        if (message is null)
        {
            return;
        }

        var known = await db.Notifications.SingleOrDefaultAsync(n => n.AccountId == message.AuthorId && n.MessageId == message.Id && n.Kind == NotificationKind.Reaction, cancellationToken);
        var latest = await db.MessageReactions.AsNoTracking().Where(r => r.MessageId == message.Id && r.AccountId != message.AuthorId).OrderByDescending(r => r.CreatedAt).ThenBy(r => r.AccountId).FirstOrDefaultAsync(cancellationToken);
        if (latest is null || known?.CreatedAt >= latest.CreatedAt)
        {
            return;
        }

        if (await inbox.ReactionAsync(message, latest.AccountId, cancellationToken) is { } entry)
        {
            if (known is not null)
            {
                db.Notifications.Remove(known);
                await db.SaveChangesAsync(cancellationToken);
            }

            entry.SayAdded();
            db.Notifications.Add(entry);
            await db.SaveChangesAsync(cancellationToken);
        }
    }
}
