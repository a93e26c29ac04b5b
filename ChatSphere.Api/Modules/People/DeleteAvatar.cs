using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.People;

internal static class DeleteAvatar
{
    public static async Task<NoContent> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var profile = await db.ProfileOfAsync(user.AccountId, cancellationToken);
        profile.ShowAvatar(null, null);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
