using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Api.Modules.Context;

/// <summary>What a file is, its first bytes say: pictures are rewritten before anything is kept, everything else is streamed to the blob store and queued to be read. What arrived before one that fails is kept.</summary>
internal static class UploadAttachments
{
    private const int MaxInOneRequest = 20;

    public static async Task<Results<Created<UploadAttachmentsResponse>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, HttpRequest request, CurrentUser user, ChatSphereDb db, IUsageGate gate, BlobStore blobs, IOptions<AttachmentOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).SingleOrDefaultAsync(c => c.Id == conversationId, cancellationToken) is not { } conversation)
        {
            return Problems.NotFound();
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType)
            || !contentType.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(contentType.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send multipart/form-data with the files in fields named `file`.");
        }

        var limits = options.Value;
        var have = await db.Attachments.CountAsync(a => a.ConversationId == conversationId, cancellationToken);
        var uploaded = new List<AttachmentResponse>();
        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is not { Name: "file", FileStream: { } content } file)
                {
                    continue;
                }

                if (uploaded.Count == MaxInOneRequest || have + uploaded.Count >= limits.MaxPerConversation)
                {
                    return Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"A conversation takes at most {limits.MaxPerConversation} files, and a request {MaxInOneRequest}; the first {uploaded.Count} are kept.");
                }

                var name = TextRules.FileName(file.FileName);
                var head = new byte[AttachmentImage.HeadLength];
                var read = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
                var (attachment, refusal) = AttachmentImage.IsImage(head.AsSpan(0, read))
                    ? await TakeImageAsync(db, gate, blobs, conversation, name, head.AsMemory(0, read), content, limits.MaxImageBytes, time, cancellationToken)
                    : await TakeFileAsync(db, gate, blobs, conversation, name, head.AsMemory(0, read), content, limits.MaxFileBytes, time, cancellationToken);
                if (attachment is null)
                {
                    return refusal!;
                }

                uploaded.Add(attachment);
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
            : TypedResults.Created($"/v1/conversations/{conversationId}/attachments", new UploadAttachmentsResponse(uploaded));
    }

    private static async Task<(AttachmentResponse?, ProblemHttpResult?)> TakeImageAsync(
        ChatSphereDb db, IUsageGate gate, BlobStore blobs, Conversation conversation, string name, ReadOnlyMemory<byte> head, Stream rest, int limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        body.Write(head.Span);
        var buffer = new byte[81_920];
        for (int read; (read = await rest.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > limit)
            {
                return (null, Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"A picture may have at most {limit / (1 << 20)} MB."));
            }
        }

        var (image, unfit) = AttachmentImage.Rewrite(body.GetBuffer().AsMemory(0, (int)body.Length));
        if (image is null)
        {
            return (null, Problems.BadRequest(ErrorCodes.ImageInvalid, unfit!));
        }

        using var staged = await blobs.StageAsync(new MemoryStream(image.Bytes), image.Bytes.Length, cancellationToken);
        return await KeepAsync(db, gate, conversation, staged, now => Task.FromResult(Attachment.Image(conversation, name, image.ContentType, staged.Blob, image.Width, image.Height, now)), time, cancellationToken);
    }

    private static async Task<(AttachmentResponse?, ProblemHttpResult?)> TakeFileAsync(
        ChatSphereDb db, IUsageGate gate, BlobStore blobs, Conversation conversation, string name, ReadOnlyMemory<byte> head, Stream rest, long limit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var content = new RejoinedStream(head, rest);
        using var staged = await blobs.StageAsync(content, limit, cancellationToken);
        return await KeepAsync(db, gate, conversation, staged, MakeAsync, time, cancellationToken);

        async Task<Attachment> MakeAsync(DateTimeOffset now)
        {
            // The same bytes once more are the same document.
            var sha256 = staged.Blob.Sha256;
            var document = await db.Documents.SingleOrDefaultAsync(d => d.BotId == conversation.Id && d.Sha256 == sha256, cancellationToken);
            if (document is null)
            {
                document = Document.QueueFor(conversation, name, sha256, staged.Blob.Size, now);
                db.Documents.Add(document);
            }
            else
            {
                document.Retry(now);
            }

            return Attachment.File(conversation, name, staged.Blob, document.Id, now);
        }
    }

    private static async Task<(AttachmentResponse?, ProblemHttpResult?)> KeepAsync(
        ChatSphereDb db, IUsageGate gate, Conversation conversation, StagedBlob staged, Func<DateTimeOffset, Task<Attachment>> make, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);
        await using var room = await gate.ForAttachmentAsync(conversation.OwnerId, staged.Blob.Size, cancellationToken);
        if (room.Refusal is { } refusal)
        {
            return (null, refusal.ToProblem());
        }

        var attachment = await make(time.GetUtcNow());
        db.Attachments.Add(attachment);
        staged.Keep();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return (await AttachmentResponses.OneAsync(db, attachment, cancellationToken), null);
    }
}
