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

        Stream content;
        try
        {
            content = blobs.OpenRead(sha256);
        }
        catch (IOException)
        {
            // Replaced at this very moment.
            return Problems.NotFound();
        }

        // What somebody uploaded, though rewritten by us: never a page of this origin, whatever a browser makes of it.
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentDisposition = $"inline; filename=\"avatar-{AvatarImage.VersionOf(sha256)}.{type["image/".Length..]}\"";
        headers.CacheControl = v == AvatarImage.VersionOf(sha256) ? "private, max-age=86400, immutable" : "private, no-cache";
        return TypedResults.Stream(content, type, enableRangeProcessing: false);
    }
}
