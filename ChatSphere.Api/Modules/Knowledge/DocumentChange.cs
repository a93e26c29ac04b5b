using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Knowledge;

/// <summary>Changes a document's state beside an ingester that writes to the same row.</summary>
internal static class DocumentChange
{
    public static async Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> TryAsync(
        ChatSphereDb db, Guid documentId, CurrentUser user, TimeProvider time, Func<Document, bool> change, string refusal, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            if (await db.Documents.EditableBy(db, user.AccountId).SingleOrDefaultAsync(d => d.Id == documentId, cancellationToken) is not { } document)
            {
                return await Refusals.OfDocumentAsync(db, documentId, user, cancellationToken);
            }

            if (!change(document))
            {
                return Problems.Conflict(ErrorCodes.DocumentStateConflict, refusal);
            }

            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return TypedResults.Ok(DocumentResponses.From(document, time.GetUtcNow()));
            }
            catch (DbUpdateConcurrencyException) when (tries < 10)
            {
                db.ChangeTracker.Clear();
            }
        }
    }
}
