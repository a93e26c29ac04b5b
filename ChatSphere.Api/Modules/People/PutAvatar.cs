using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.Files;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.People;

internal static class PutAvatar
{
    public static async Task<Results<Ok<AvatarResponse>, ProblemHttpResult>> HandleAsync(
        HttpRequest request, CurrentUser user, ChatSphereDb db, BlobStore blobs, CancellationToken cancellationToken)
    {
        var (image, refusal) = await PictureTransfer.ReadAsync(request, cancellationToken);
        if (image is null)
        {
            return refusal!;
        }

        using var staged = await blobs.StageAsync(new MemoryStream(image.Bytes), image.Bytes.Length, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);

        // And one picture at a time for an account, so that each knows which it replaces.
        await db.LockPairAsync(user.AccountId, user.AccountId, cancellationToken);
        var profile = await db.ProfileOfAsync(user.AccountId, cancellationToken);
        staged.Keep();
        profile.ShowAvatar(staged.Blob.Sha256, image.ContentType);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new AvatarResponse(AvatarImage.VersionOf(staged.Blob.Sha256)!, image.ContentType, image.Width, image.Height));
    }
}
