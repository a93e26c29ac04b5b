using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>A bot's picture. It is no part of the versions: no answer depends on it.</summary>
internal static class BotAvatar
{
    public static async Task<Results<Ok<BotAvatarResponse>, ProblemHttpResult>> PutAsync(
        Guid botId, HttpRequest request, CurrentUser user, ChatSphereDb db, BlobStore blobs, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var (image, refusal) = await PictureTransfer.ReadAsync(request, cancellationToken);
        if (image is null)
        {
            return refusal!;
        }

        using var staged = await blobs.StageAsync(new MemoryStream(image.Bytes), image.Bytes.Length, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);
        await db.LockBotAsync(botId, cancellationToken);
        if (await db.Bots.EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return Problems.NotFound();
        }

        staged.Keep();
        bot.ShowAvatar(staged.Blob.Sha256, image.ContentType);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new BotAvatarResponse(AvatarImage.VersionOf(staged.Blob.Sha256)!, image.ContentType, image.Width, image.Height));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockBotAsync(botId, cancellationToken);
        if (await db.Bots.EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        bot.ShowAvatar(null, null);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    public static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> GetAsync(
        Guid botId, HttpContext http, CurrentUser user, ChatSphereDb db, BlobStore blobs, CancellationToken cancellationToken, string? v = null)
    {
        var avatar = await db.Bots.VisibleTo(db, user.AccountId).Where(b => b.Id == botId).Select(b => new { b.AvatarSha256, b.AvatarType }).SingleOrDefaultAsync(cancellationToken);
        return avatar is { AvatarSha256: { } sha256, AvatarType: { } type } ? PictureTransfer.Serve(http, blobs, sha256, type, v) : Problems.NotFound();
    }
}
