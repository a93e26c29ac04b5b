using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Api.Modules.Knowledge;

/// <summary>Streams each file to the blob store as it arrives, whatever its size, and queues a document for it. Files before the one that fails are kept.</summary>
internal static class UploadDocuments
{
    public static async Task<Results<Accepted<UploadDocumentsResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, HttpRequest request, CurrentUser user, ChatSphereDb db, IUsageGate gate, BlobStore blobs, IOptions<UploadOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType)
            || !contentType.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(contentType.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send multipart/form-data with the files in fields named `file`.");
        }

        if (!await db.Bots.KnowledgeEditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var outlook = await gate.LookForDocumentAsync(botId, cancellationToken);
        if (outlook.Refusal is { } full)
        {
            return await RefuseAsync(db, botId, user, full, cancellationToken);
        }

        var limits = options.Value;
        var uploaded = new List<UploadedDocument>();
        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is not { Name: "file", FileStream: { } content } file)
                {
                    continue;
                }

                if (uploaded.Count == limits.MaxFiles)
                {
                    return Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"At most {limits.MaxFiles} files in one request; the first {uploaded.Count} are kept.");
                }

                using var staged = await blobs.StageAsync(content, Math.Min(limits.MaxFileBytes, outlook.Bytes), cancellationToken);
                var (queued, refusal) = await QueueAsync(db, gate, botId, user.AccountId, TextRules.FileName(file.FileName), staged, time.GetUtcNow(), cancellationToken);
                if (refusal is not null)
                {
                    return await RefuseAsync(db, botId, user, refusal, cancellationToken);
                }

                uploaded.Add(queued!);
            }
        }
        catch (BlobTooLargeException e) when (e.Limit < limits.MaxFileBytes)
        {
            return await RefuseAsync(db, botId, user, outlook.IfMore!, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BlobTooLargeException && request.HttpContext.RequestAborted.IsCancellationRequested is false))
        {
            return Problems.BadRequest(ErrorCodes.UploadIncomplete, "The upload ended early or is not well-formed multipart/form-data. Files that had arrived whole are kept; send the rest again.");
        }

        return uploaded.Count == 0
            ? Problems.Invalid("file", "Send at least one file in a field named `file`.")
            : TypedResults.Accepted($"/v1/bots/{botId}/documents", new UploadDocumentsResponse(uploaded));
    }

    private static async Task<ProblemHttpResult> RefuseAsync(ChatSphereDb db, Guid botId, CurrentUser user, UsageRefusal refusal, CancellationToken cancellationToken) =>
        refusal.ToProblem(ofAnother: !await db.Bots.AnyAsync(b => b.Id == botId && b.OwnerId == user.AccountId, cancellationToken));

    private static async Task<(UploadedDocument? Queued, UsageRefusal? Refusal)> QueueAsync(
        ChatSphereDb db, IUsageGate gate, Guid botId, Guid accountId, string name, StagedBlob staged, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var blob = staged.Blob;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // One at a time for the same bytes: two uploads make one document, and the file is not removed as unused in between.
        await db.LockBlobAsync(blob.Sha256, cancellationToken);
        var document = await db.Documents.SingleOrDefaultAsync(d => d.BotId == botId && d.Sha256 == blob.Sha256, cancellationToken);
        var isNew = document is null;
        if (document is null)
        {
            await using var room = await gate.ForDocumentAsync(botId, blob.Size, cancellationToken);
            if (room.Refusal is { } refusal)
            {
                return (null, refusal);
            }

            document = Document.Queue(botId, accountId, name, blob.Sha256, blob.Size, now);
            db.Documents.Add(document);
        }
        else
        {
            // Sent again after it failed, it gets another chance.
            document.Retry(now);
        }

        staged.Keep();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return (new UploadedDocument(document.Id, document.Name, AlreadyThere: !isNew), null);
    }
}
