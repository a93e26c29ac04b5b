using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class GetPerson
{
    public static async Task<Results<Ok<PersonResponse>, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.ProfilesVisibleTo(user.AccountId).AsNoTracking().Where(a => a.Id == accountId).Select(PersonResponses.Projection(db, user.AccountId)).SingleOrDefaultAsync(cancellationToken) is { } person
            ? TypedResults.Ok(person)
            : Problems.NotFound();
}
