using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class GetPrivacySettings
{
    public static async Task<Ok<PrivacySettings>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var profile = await db.Profiles.AsNoTracking().SingleOrDefaultAsync(p => p.AccountId == user.AccountId, cancellationToken);
        return TypedResults.Ok(profile is null ? new PrivacySettings(WhoMay.Everyone, WhoMay.Everyone, WhoMay.Everyone, WhoMay.Everyone)
            : new PrivacySettings((WhoMay)profile.WhoCanFindMe, (WhoMay)profile.WhoCanAskFriendship, (WhoMay)profile.WhoCanMessageMe, (WhoMay)profile.ShowPresence));
    }
}
