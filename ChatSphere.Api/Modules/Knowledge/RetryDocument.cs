using ChatSphere.Api.Http;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class RetryDocument
{
    public static Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> HandleAsync(Guid documentId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        DocumentChange.TryAsync(db, documentId, user, time, d => d.Retry(time.GetUtcNow()), "Only a failed or cancelled document can be read again.", cancellationToken);
}
