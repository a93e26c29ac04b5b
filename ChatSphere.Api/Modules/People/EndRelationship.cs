using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class EndRelationship
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPairAsync(user.AccountId, accountId, cancellationToken);
        if (await db.Relationships.Between(user.AccountId, accountId).SingleOrDefaultAsync(cancellationToken) is not { } relationship)
        {
            return Problems.NotFound();
        }

        relationship.End();
        db.Relationships.Remove(relationship);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
