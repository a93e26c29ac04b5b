using ChatSphere.Api.Http;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class DeleteMemory
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid memoryId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Memories.Where(m => m.Id == memoryId && m.AccountId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 1 ? TypedResults.NoContent() : Problems.NotFound();
}
