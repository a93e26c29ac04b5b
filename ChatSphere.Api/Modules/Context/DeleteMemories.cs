using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class DeleteMemories
{
    public static async Task<NoContent> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        // Also what is being added just now.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockMemoriesAsync(user.AccountId, cancellationToken);
        await db.Memories.Where(m => m.AccountId == user.AccountId).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
