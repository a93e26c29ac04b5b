using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.People;

internal static class PutPrivacySettings
{
    public static async Task<Ok<PrivacySettings>> HandleAsync(PrivacySettings request, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var profile = await db.ProfileOfAsync(user.AccountId, cancellationToken);
        profile.WhoCanFindMe = (Audience)request.WhoCanFindMe!.Value;
        profile.WhoCanAskFriendship = (Audience)request.WhoCanAskFriendship!.Value;
        profile.WhoCanMessageMe = (Audience)request.WhoCanMessageMe!.Value;
        profile.ShowPresence = (Audience)request.ShowPresence!.Value;
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(request);
    }
}
