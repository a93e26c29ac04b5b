using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class GetPreferences
{
    public static async Task<Ok<Preferences>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var profile = await db.Profiles.AsNoTracking().SingleOrDefaultAsync(p => p.AccountId == user.AccountId, cancellationToken);
        return TypedResults.Ok(profile is null ? new Preferences(null, PreferredTheme.System, null, null)
            : new Preferences(profile.Locale, (PreferredTheme)profile.Theme, profile.DefaultModel, profile.TimeZone));
    }
}
