using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class GetMe
{
    public static async Task<Ok<AccountResponse>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await db.Users.Where(a => a.Id == user.AccountId)
            .Select(a => new AccountResponse(a.Id, a.Email ?? "", a.DisplayName, a.CreatedAt, user.Permissions.Order().ToList())).SingleAsync(cancellationToken));
}
