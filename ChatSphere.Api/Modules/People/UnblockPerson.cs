using ChatSphere.Api.Http;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class UnblockPerson
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Blocks.Where(b => b.BlockerId == user.AccountId && b.BlockedId == accountId).ExecuteDeleteAsync(cancellationToken) == 0 ? Problems.NotFound() : TypedResults.NoContent();
}
