using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class DeleteAttachment
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid conversationId, Guid attachmentId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (await db.Attachments.VisibleTo(db, user.AccountId).SingleOrDefaultAsync(a => a.Id == attachmentId && a.ConversationId == conversationId, cancellationToken) is not { } attachment)
        {
            return Problems.NotFound();
        }

        if (await db.IsHeldAsync(user.AccountId, cancellationToken))
        {
            return Problems.Held();
        }

        attachment.Drop();
        db.Remove(attachment);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody was quicker.
        }

        return TypedResults.NoContent();
    }
}
