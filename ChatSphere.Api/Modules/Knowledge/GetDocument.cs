using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class GetDocument
{
    public static async Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> HandleAsync(Guid documentId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await DocumentAccess.FindAsync(db, documentId, user, cancellationToken) is { } found
            ? TypedResults.Ok(DocumentResponses.From(found.Document, time.GetUtcNow()))
            : Problems.NotFound();
}
