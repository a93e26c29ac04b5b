using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class AcceptFriendship
{
    public static async Task<Results<Ok<PersonResponse>, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockPairAsync(user.AccountId, accountId, cancellationToken);
        var asked = await db.Relationships.Between(user.AccountId, accountId).SingleOrDefaultAsync(cancellationToken);
        if (asked is null || (asked.AcceptedAt is null && asked.RequestedBy == user.AccountId))
        {
            return Problems.NotFound();
        }

        if (asked.AcceptedAt is null)
        {
            asked.Accept(time.GetUtcNow());
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await db.Users.AsNoTracking().Where(a => a.Id == accountId).Select(PersonResponses.Projection(db, user.AccountId)).SingleAsync(cancellationToken));
    }
}
