using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class ListAttachments
{
    public static async Task<Results<Ok<IReadOnlyList<AttachmentResponse>>, ProblemHttpResult>> HandleAsync(Guid conversationId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await db.Conversations.VisibleTo(user.AccountId).AnyAsync(c => c.Id == conversationId, cancellationToken))
        {
            return Problems.NotFound();
        }

        return TypedResults.Ok<IReadOnlyList<AttachmentResponse>>(
            await AttachmentResponses.ListAsync(db, db.Attachments.VisibleTo(db, user.AccountId).Where(a => a.ConversationId == conversationId), cancellationToken));
    }
}
