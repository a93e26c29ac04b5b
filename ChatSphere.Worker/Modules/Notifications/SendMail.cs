using ChatSphere.Data;
using ChatSphere.Data.Notifications;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>
/// Sends a mail from the outbox once it is there, and forgets what was in it. The inbox entry of the same transaction keeps a second delivery of the event from sending
/// again; only a Worker that dies between the server's yes and its own commit sends twice, under the same Message-ID.
/// </summary>
public sealed class SendMail(ChatSphereDb db, MailOutbox outbox, MailComposer composer, MailSender sender, TimeProvider time) : IHandle<MailQueued>
{
    public async Task HandleAsync(MailQueued happened, CancellationToken cancellationToken)
    {
        // Gone: its account was erased meanwhile.
        if (await db.OutgoingMails.SingleOrDefaultAsync(m => m.Id == happened.MailId, cancellationToken) is not { SentAt: null, SealedContent: not null } mail)
        {
            return;
        }

        var content = outbox.Open(mail);
        await sender.SendAsync(mail.Id, mail.Kind, content.To, composer.Compose(mail.Kind, content), cancellationToken);
        (mail.SealedContent, mail.SentAt) = (null, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
    }
}
