using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data.Files;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Pictures;

/// <summary>Pictures on their way in and out, whosever they are.</summary>
internal static class PictureTransfer
{
    public static async Task<(AvatarImage? Image, ProblemHttpResult? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > AvatarImage.MaxBytes)
            {
                return (null, Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"A picture may have at most {AvatarImage.MaxBytes / (1024 * 1024)} MB."));
            }
        }

        // The content decides what it is; what the caller calls it does not count.
        var (image, refusal) = AvatarImage.Rewrite(body.GetBuffer().AsMemory(0, (int)body.Length));
        return image is null ? (null, Problems.BadRequest(ErrorCodes.AvatarInvalid, refusal!)) : (image, null);
    }

    public static Results<FileStreamHttpResult, ProblemHttpResult> Serve(HttpContext http, BlobStore blobs, string sha256, string type, string? version)
    {
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
        headers.CacheControl = version == AvatarImage.VersionOf(sha256) ? "private, max-age=86400, immutable" : "private, no-cache";
        return TypedResults.Stream(content, type, enableRangeProcessing: false);
    }
}
