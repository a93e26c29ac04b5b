using System.Text.Json;
using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Files;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>A server's own emoji: small pictures with names, which its members see.</summary>
internal static partial class Emoji
{
    /// <param name="name">Two to 32 of <c>A-Z a-z 0-9 _</c>.</param>
    public static async Task<Results<Created<ServerEmojiResponse>, ProblemHttpResult>> AddAsync(
        Guid serverId, string? name, HttpRequest request, CurrentUser user, ChatSphereDb db, Seats seats, BlobStore blobs, CommunityFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ManageEmoji))
        {
            return ServerResponses.Missing(ServerPermissions.ManageEmoji);
        }

        if (name is null || !Name().IsMatch(name))
        {
            return Problems.Invalid("name", "Two to 32 letters, digits and underscores.");
        }

        var (image, refusal) = await ReadAsync(request, cancellationToken);
        if (image is null)
        {
            return refusal!;
        }

        using var staged = await blobs.StageAsync(new MemoryStream(image.Bytes), image.Bytes.Length, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // One at a time in a server, so that there are never more than allowed.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"emoji {serverId}"}, 0))", cancellationToken);
        if (await db.ServerEmoji.CountAsync(e => e.ServerId == serverId, cancellationToken) >= ServerEmoji.Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A server has at most {ServerEmoji.Most} emoji.");
        }

        await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);
        var emoji = ServerEmoji.Create(serverId, name, image.ContentType, staged.Blob.Sha256, image.Width, image.Height, user.AccountId, time.GetUtcNow());
        db.Add(emoji);
        try
        {
            staged.Keep();
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            await blobs.RemoveIfUnusedAsync(db, staged.Blob.Sha256, cancellationToken);
            return Problems.Conflict(ErrorCodes.NameTaken, "An emoji of this name, or of one that looks like it, is there already.");
        }

        await transaction.CommitAsync(cancellationToken);
        Tell(feed, serverId);
        return TypedResults.Created($"/v1/servers/{serverId}/emoji/{emoji.Id}", From(emoji));
    }

    public static async Task<Results<Ok<IReadOnlyList<ServerEmojiResponse>>, ProblemHttpResult>> ListAsync(Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken) =>
        await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is null ? Problems.NotFound()
        : TypedResults.Ok<IReadOnlyList<ServerEmojiResponse>>((await db.ServerEmoji.AsNoTracking().Where(e => e.ServerId == serverId).OrderBy(e => e.Name).ThenBy(e => e.Id).ToListAsync(cancellationToken)).ConvertAll(From));

    /// <summary>Its reactions stay, with its name in place of the picture.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid serverId, Guid emojiId, CurrentUser user, ChatSphereDb db, Seats seats, CommunityFeed feed, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ManageEmoji))
        {
            return ServerResponses.Missing(ServerPermissions.ManageEmoji);
        }

        if (await db.ServerEmoji.SingleOrDefaultAsync(e => e.Id == emojiId && e.ServerId == serverId, cancellationToken) is not { } emoji)
        {
            return Problems.NotFound();
        }

        emoji.Drop();
        db.Remove(emoji);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody was quicker.
        }

        Tell(feed, serverId);
        return TypedResults.NoContent();
    }

    /// <param name="v">The version that is wanted; then the picture may be kept.</param>
    public static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ImageAsync(
        Guid serverId, Guid emojiId, string? v, HttpContext http, CurrentUser user, ChatSphereDb db, Seats seats, BlobStore blobs, CancellationToken cancellationToken) =>
        await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not null
        && await db.ServerEmoji.AsNoTracking().SingleOrDefaultAsync(e => e.Id == emojiId && e.ServerId == serverId, cancellationToken) is { } emoji
            ? PictureTransfer.Serve(http, blobs, emoji.Sha256, emoji.ContentType, v)
            : Problems.NotFound();

    private static ServerEmojiResponse From(ServerEmoji e) => new(e.Id, e.ServerId, e.Name, e.Width, e.Height, AvatarImage.VersionOf(e.Sha256)!, e.CreatedBy, e.CreatedAt);

    private static void Tell(CommunityFeed feed, Guid serverId) =>
        feed.Publish(new CommunityEvent { Type = LiveEventTypes.EmojiChanged, ServerId = serverId, Data = JsonSerializer.Serialize(new EmojiChangedEvent(serverId), JsonSerializerOptions.Web) });

    private static async Task<(AvatarImage? Image, ProblemHttpResult? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[32_768];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > ServerEmoji.MaxBytes)
            {
                return (null, Problems.Of(StatusCodes.Status413PayloadTooLarge, ErrorCodes.RequestTooLarge, $"An emoji may have at most {ServerEmoji.MaxBytes / 1024} KB."));
            }
        }

        var (image, unfit) = AttachmentImage.Rewrite(body.GetBuffer().AsMemory(0, (int)body.Length));
        return image is null ? (null, Problems.BadRequest(ErrorCodes.ImageInvalid, unfit!))
            : image.Width > ServerEmoji.MaxSide || image.Height > ServerEmoji.MaxSide ? (null, Problems.BadRequest(ErrorCodes.ImageInvalid, $"An emoji may be at most {ServerEmoji.MaxSide} pixels wide and high."))
            : (image, null);
    }

    [GeneratedRegex("^[A-Za-z0-9_]{2,32}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
