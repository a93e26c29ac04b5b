using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Api.Posting;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Files;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Api.Modules.Communities;

public sealed class ChannelAttachmentOptions
{
    public const string Section = "ChannelAttachments";

    /// <summary>Of one picture as it is uploaded.</summary>
    [Range(1_000, 100_000_000)]
    public int MaxImageBytes { get; set; } = 10 << 20;

    /// <summary>Of one file.</summary>
    [Range(1_000, 10_000_000_000)]
    public long MaxFileBytes { get; set; } = 50L << 20;

    /// <summary>Uploaded by one person and not sent yet.</summary>
    [Range(10, 10_000)]
    public int MaxUnsent { get; set; } = 50;
}

/// <summary>What a file is, its first bytes say: pictures are written anew before anything is kept, everything else is only ever downloaded.</summary>
internal static class UploadChannelAttachments
{
    public static async Task<Results<Created<UploadChannelAttachmentsResponse>, ProblemHttpResult>> HandleAsync(
        Guid channelId, HttpRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelPosting posting, IUsageGate gate, BlobStore blobs, IOptions<ChannelAttachmentOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (ChannelPosting.MayNot(seat, attaches: true) is { } missing)
        {
            return missing;
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType)
            || !contentType.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(contentType.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send multipart/form-data with the files in fields named `file`.");
        }

        var limits = options.Value;
        var unsent = await db.ChannelAttachments.CountAsync(a => a.AccountId == user.AccountId && a.MessageId == null, cancellationToken);
        var uploaded = new List<ChannelAttachmentResponse>();
        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is not { Name: "file", FileStream: { } content } file)
                {
                    continue;
                }

                if (uploaded.Count == ChannelMessage.MostAttachments || unsent + uploaded.Count >= limits.MaxUnsent)
                {
                    return Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"At most {ChannelMessage.MostAttachments} files at once, and {limits.MaxUnsent} that are not sent yet; the first {uploaded.Count} are kept.");
                }

                var name = TextRules.FileName(file.FileName);
                if (seat.Channel.ServerId is { } serverId
                    && await posting.ScreenAsync(new WrittenContent(ContentPlace.FileName, serverId, channelId, user.AccountId, seat.Permissions, name), cancellationToken) is { } screened)
                {
                    return screened;
                }

                var head = new byte[AttachmentImage.HeadLength];
                var read = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
                await using var whole = new RejoinedStream(head.AsMemory(0, read), content);
                Func<StoredBlob, ChannelAttachment> make;
                StagedBlob staged;
                if (AttachmentImage.IsImage(head.AsSpan(0, read)))
                {
                    var (image, refusal) = await ReadImageAsync(whole, limits.MaxImageBytes, cancellationToken);
                    if (image is null)
                    {
                        return refusal!;
                    }

                    staged = await blobs.StageAsync(new MemoryStream(image.Bytes), image.Bytes.Length, cancellationToken);
                    make = blob => ChannelAttachment.Image(channelId, user.AccountId, name, image.ContentType, blob, image.Width, image.Height, time.GetUtcNow());
                }
                else
                {
                    staged = await blobs.StageAsync(whole, limits.MaxFileBytes, cancellationToken);
                    make = blob => ChannelAttachment.File(channelId, user.AccountId, name, blob, time.GetUtcNow());
                }

                using (staged)
                {
                    var (attachment, full) = await KeepAsync(db, gate, user.AccountId, staged, make, cancellationToken);
                    if (attachment is null)
                    {
                        return full!;
                    }

                    uploaded.Add(ChannelMessageResponses.From(attachment.Shown()));
                }
            }
        }
        catch (BlobTooLargeException)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"A file may have at most {limits.MaxFileBytes / (1 << 20)} MB; the {uploaded.Count} before it are kept.");
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && request.HttpContext.RequestAborted.IsCancellationRequested is false))
        {
            return Problems.BadRequest(ErrorCodes.UploadIncomplete, "The upload ended early or is not well-formed multipart/form-data. Files that had arrived whole are kept; send the rest again.");
        }

        return uploaded.Count == 0
            ? Problems.Invalid("file", "Send at least one file in a field named `file`.")
            : TypedResults.Created($"/v1/channels/{channelId}/attachments", new UploadChannelAttachmentsResponse(uploaded));
    }

    /// <summary>Takes back what was not sent.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid channelId, Guid attachmentId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is null
            || await db.ChannelAttachments.SingleOrDefaultAsync(a => a.Id == attachmentId && a.ChannelId == channelId && a.AccountId == user.AccountId && a.MessageId == null, cancellationToken) is not { } attachment)
        {
            return Problems.NotFound();
        }

        attachment.Drop();
        db.Remove(attachment);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody was quicker.
        }

        return TypedResults.NoContent();
    }

    private static async Task<(AvatarImage? Image, ProblemHttpResult? Refusal)> ReadImageAsync(Stream upload, int limit, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await upload.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > limit)
            {
                return (null, Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"A picture may have at most {limit / (1 << 20)} MB."));
            }
        }

        var (image, unfit) = AttachmentImage.Rewrite(body.GetBuffer().AsMemory(0, (int)body.Length));
        return image is null ? (null, Problems.BadRequest(ErrorCodes.ImageInvalid, unfit!)) : (image, null);
    }

    private static async Task<(ChannelAttachment?, ProblemHttpResult?)> KeepAsync(
        ChatSphereDb db, IUsageGate gate, Guid accountId, StagedBlob staged, Func<StoredBlob, ChannelAttachment> make, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);
        await using var room = await gate.ForAttachmentAsync(accountId, staged.Blob.Size, cancellationToken);
        if (room.Refusal is { } refusal)
        {
            return (null, refusal.ToProblem());
        }

        var attachment = make(staged.Blob);
        db.Add(attachment);
        staged.Keep();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (attachment, null);
    }
}

internal static class GetChannelAttachment
{
    /// <summary>Asked anew each time: after the message, the membership or the right is gone, so is the file.</summary>
    public static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> HandleAsync(
        Guid channelId, Guid attachmentId, HttpContext http, CurrentUser user, ChatSphereDb db, Seats seats, BlobStore blobs, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat
            || await db.ChannelAttachments.AsNoTracking().SingleOrDefaultAsync(
                a => a.Id == attachmentId && a.ChannelId == channelId && (a.MessageId == null ? a.AccountId == user.AccountId : db.ChannelMessages.Any(m => m.Id == a.MessageId && m.DeletedAt == null)), cancellationToken) is not { } found)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
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
        var disposition = new ContentDispositionHeaderValue(found.IsImage ? "inline" : "attachment");
        disposition.SetHttpFileName(found.Name);
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentDisposition = disposition.ToString();
        headers.CacheControl = "private, no-cache";
        return TypedResults.Stream(content, found.IsImage ? found.ContentType : "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{found.Sha256[..32]}\""), enableRangeProcessing: true);
    }
}
