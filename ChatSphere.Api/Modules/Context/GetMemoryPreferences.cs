using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Context;

internal static class GetMemoryPreferences
{
    public static async Task<Ok<MemoryPreferences>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new MemoryPreferences((MemoryChoice)await db.MemoryModeOfAsync(user.AccountId, cancellationToken)));
}
