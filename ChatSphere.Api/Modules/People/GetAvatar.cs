using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Data;
using ChatSphere.Data.Files;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class GetAvatar
{
    public static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> HandleAsync(
        Guid accountId, HttpContext http, CurrentUser user, ChatSphereDb db, BlobStore blobs, CancellationToken cancellationToken, string? v = null)
    {
        var avatar = await db.ProfilesVisibleTo(user.AccountId).Where(a => a.Id == accountId)
            .SelectMany(a => db.Profiles.Where(p => p.AccountId == a.Id)).Select(p => new { p.AvatarSha256, p.AvatarType }).SingleOrDefaultAsync(cancellationToken);
        if (avatar is not { AvatarSha256: { } sha256, AvatarType: { } type })
        {
            return Problems.NotFound();
        }

        return PictureTransfer.Serve(http, blobs, sha256, type, v);
    }
}
