using ChatSphere.Api.Http;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class CancelDocument
{
    public static Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> HandleAsync(Guid documentId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        DocumentChange.TryAsync(db, documentId, user, time, d => d.Cancel(time.GetUtcNow()), "It has come to an end already.", cancellationToken);
}
