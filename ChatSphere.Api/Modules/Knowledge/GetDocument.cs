using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class GetDocument
{
    public static async Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> HandleAsync(Guid documentId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await db.Documents.AsNoTracking().VisibleTo(db, user.AccountId).SingleOrDefaultAsync(d => d.Id == documentId, cancellationToken) is { } document
            ? TypedResults.Ok(DocumentResponses.From(document, time.GetUtcNow()))
            : Problems.NotFound();
}
