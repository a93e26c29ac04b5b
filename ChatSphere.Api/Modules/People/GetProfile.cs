using ChatSphere.Api.Pictures;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class GetProfile
{
    public static async Task<Ok<ProfileResponse>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await OfAsync(db, user.AccountId, cancellationToken));

    public static async Task<ProfileResponse> OfAsync(ChatSphereDb db, Guid accountId, CancellationToken cancellationToken)
    {
        var found = await db.Users.AsNoTracking().Where(a => a.Id == accountId)
            .Select(a => new { a.DisplayName, Profile = db.Profiles.SingleOrDefault(p => p.AccountId == a.Id) }).SingleAsync(cancellationToken);
        var profile = found.Profile;
        return new ProfileResponse(
            accountId, found.DisplayName, profile?.Handle, profile?.Bio ?? "", profile?.Pronouns ?? "", profile?.Status ?? "", AvatarImage.VersionOf(profile?.AvatarSha256));
    }
}
