using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Files;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Api.Modules.Context;

internal static class GetAttachmentContent
{
    public static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> HandleAsync(
        Guid conversationId, Guid attachmentId, HttpContext http, CurrentUser user, ChatSphereDb db, BlobStore blobs, CancellationToken cancellationToken)
    {
        var found = await db.Attachments.AsNoTracking().VisibleTo(db, user.AccountId).SingleOrDefaultAsync(a => a.Id == attachmentId && a.ConversationId == conversationId, cancellationToken);
        if (found is null)
        {
            return Problems.NotFound();
        }

        Stream content;
        try
        {
            content = blobs.OpenRead(found.Sha256);
        }
        catch (IOException)
        {
            // Deleted at this very moment.
            return Problems.NotFound();
        }

        // What somebody uploaded: never a page of this origin, and whatever is no picture is only ever downloaded.
        var isImage = found.Kind == AttachmentKind.Image;
        var disposition = new ContentDispositionHeaderValue(isImage ? "inline" : "attachment");
        disposition.SetHttpFileName(found.Name);
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentDisposition = disposition.ToString();
        headers.CacheControl = isImage ? "private, max-age=86400, immutable" : "private, no-store";
        return TypedResults.Stream(content, isImage ? found.ContentType : "application/octet-stream", enableRangeProcessing: false);
    }
}
