using ChatSphere.Api.Http;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class FindSubscriber
{
    public static async Task<Results<Ok<SubscriberResponse>, ProblemHttpResult>> HandleAsync(string email, ChatSphereDb db, UserManager<Account> accounts, CancellationToken cancellationToken)
    {
        if (TextRules.HasUnstorable(email))
        {
            return Problems.NotFound();
        }

        var normalized = accounts.NormalizeEmail(email.Trim());
        var found = await db.Users.AsNoTracking().Where(a => a.NormalizedEmail == normalized).Select(a => new { a.Id, a.DisplayName }).SingleOrDefaultAsync(cancellationToken);
        return found is null ? Problems.NotFound()
            : TypedResults.Ok(new SubscriberResponse(found.Id, found.DisplayName, await GetSubscription.OfAsync(db, found.Id, cancellationToken)));
    }
}
