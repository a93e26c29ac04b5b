using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Files;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Context;

/// <summary>Removes what belonged to an attachment: the document that was made of a file, unless another attachment has it too, or the picture.</summary>
public sealed class ForgetAttachment(ChatSphereDb db, BlobStore blobs) : IHandle<AttachmentDropped>
{
    public async Task HandleAsync(AttachmentDropped happened, CancellationToken cancellationToken)
    {
        if (happened.DocumentId is not { } documentId)
        {
            await blobs.RemoveIfUnusedAsync(db, happened.Sha256, cancellationToken);
            return;
        }

        // An upload of the same bytes takes this lock before it decides that the document is there.
        await db.LockBlobAsync(happened.Sha256, cancellationToken);
        if (!await db.Attachments.AnyAsync(a => a.DocumentId == documentId, cancellationToken)
            && await db.Documents.SingleOrDefaultAsync(d => d.Id == documentId && d.ConversationId != null, cancellationToken) is { } document)
        {
            // The rest is done by whoever forgets documents. While it is being read the row changes twice a second: then this is tried again.
            document.Delete();
            db.Remove(document);
            await db.SaveChangesAsync(cancellationToken);
        }
    }
}
