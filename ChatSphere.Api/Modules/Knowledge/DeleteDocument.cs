using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class DeleteDocument
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid documentId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        // The ingester may write to the row at the same time; the second look has the last word.
        for (var tries = 0; ; tries++)
        {
            if (await db.Documents.EditableBy(db, user.AccountId).SingleOrDefaultAsync(d => d.Id == documentId, cancellationToken) is not { } document)
            {
                return await Refusals.OfDocumentAsync(db, documentId, user, cancellationToken);
            }

            if (await db.HoldsDocumentAsync(document, user.AccountId, cancellationToken))
            {
                return Problems.Held();
            }

            document.Delete();
            db.Documents.Remove(document);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return TypedResults.NoContent();
            }
            catch (DbUpdateConcurrencyException) when (tries < 10)
            {
                db.ChangeTracker.Clear();
            }
        }
    }
}
