using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class BlockPerson
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPairAsync(user.AccountId, accountId, cancellationToken);
        if (await db.Blocks.AnyAsync(b => b.BlockerId == user.AccountId && b.BlockedId == accountId, cancellationToken))
        {
            return TypedResults.NoContent();
        }

        if (accountId == user.AccountId || !await db.ProfilesVisibleTo(user.AccountId).AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        db.Blocks.Add(new Block { BlockerId = user.AccountId, BlockedId = accountId, CreatedAt = time.GetUtcNow() });

        // To the other it looks like the end of a friendship or of a request.
        if (await db.Relationships.Between(user.AccountId, accountId).SingleOrDefaultAsync(cancellationToken) is { } relationship)
        {
            relationship.End();
            db.Relationships.Remove(relationship);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
