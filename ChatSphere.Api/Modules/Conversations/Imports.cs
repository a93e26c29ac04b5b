using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>Conversations from elsewhere: the file is taken in as it arrives, and read in the background. Without a bot they go to one that is made for them.</summary>
internal static class Imports
{
    public static async Task<Results<Accepted<ImportResponse>, ProblemHttpResult>> UploadAsync(
        HttpRequest request, CurrentUser user, ChatSphereDb db, BlobStore blobs, IUsageGate gate, IOptions<TurnOptions> options, TimeProvider time, CancellationToken cancellationToken, Guid? botId = null)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType)
            || !contentType.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(contentType.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send multipart/form-data with the file in a field named `file`.");
        }

        if (botId is not null && !await db.Bots.UsableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId.Value, user, cancellationToken);
        }

        if (await db.ConversationImports.AnyAsync(i => i.OwnerId == user.AccountId && (i.State == ImportState.Queued || i.State == ImportState.Running), cancellationToken))
        {
            return StillRunning();
        }

        if (botId is null)
        {
            (botId, var full) = await db.BotForImportsAsync(user.AccountId, gate, time.GetUtcNow(), cancellationToken);
            if (full is not null)
            {
                return full.ToProblem();
            }
        }

        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.AsFileSection() is not { Name: "file", FileStream: { } content })
                {
                    continue;
                }

                using var staged = await blobs.StageAsync(content, options.Value.MaxImportBytes, cancellationToken);
                var import = ConversationImport.Queue(user.AccountId, botId.Value, staged.Blob.Sha256, staged.Blob.Size, time.GetUtcNow());
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);
                db.Add(import);
                staged.Keep();
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return TypedResults.Accepted($"/v1/imports/{import.Id}", From(import));
            }
        }
        catch (BlobTooLargeException)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"A file may have {options.Value.MaxImportBytes / 1_000_000} MB.");
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return StillRunning();
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && request.HttpContext.RequestAborted.IsCancellationRequested is false))
        {
            return Problems.BadRequest(ErrorCodes.UploadIncomplete, "The upload ended early or is not well-formed multipart/form-data.");
        }

        return Problems.Invalid("file", "Send a file in a field named `file`.");
    }

    public static async Task<Ok<List<ImportResponse>>> ListAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok((await db.ConversationImports.AsNoTracking().Where(i => i.OwnerId == user.AccountId).OrderByDescending(i => i.Id).Take(50).ToListAsync(cancellationToken)).ConvertAll(From));

    public static async Task<Results<Ok<ImportResponse>, ProblemHttpResult>> GetAsync(Guid importId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.ConversationImports.AsNoTracking().SingleOrDefaultAsync(i => i.Id == importId && i.OwnerId == user.AccountId, cancellationToken) is { } import ? TypedResults.Ok(From(import)) : Problems.NotFound();

    private static ProblemHttpResult StillRunning() => Problems.Conflict(ErrorCodes.ImportRunning, "Your last import is still running; wait for it to end.");

    private static ImportResponse From(ConversationImport i) =>
        new(i.Id, i.BotId, Enum.Parse<ImportStatus>(i.State.ToString()), i.Percent, i.Imported, i.AlreadyThere, i.Skipped, i.Notes, i.Failure, i.CreatedAt, i.FinishedAt);
}
