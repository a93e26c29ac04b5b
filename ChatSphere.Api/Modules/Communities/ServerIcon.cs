using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Files;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>A server's picture.</summary>
internal static class ServerIcon
{
    public static async Task<Results<Ok<ServerIconResponse>, ProblemHttpResult>> PutAsync(
        Guid serverId, HttpRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ServerChanges changes, BlobStore blobs, CommunitySignals signals, CancellationToken cancellationToken)
    {
        // Before a byte is read.
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ManageServer))
        {
            return ServerResponses.Missing(ServerPermissions.ManageServer);
        }

        var (image, refusal) = await PictureTransfer.ReadAsync(request, cancellationToken);
        if (image is null)
        {
            return refusal!;
        }

        using var staged = await blobs.StageAsync(new MemoryStream(image.Bytes), image.Bytes.Length, cancellationToken);
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null || !change.Seat.May(ServerPermissions.ManageServer))
        {
            return change is null ? Problems.NotFound() : ServerResponses.Missing(ServerPermissions.ManageServer);
        }

        await db.LockBlobAsync(staged.Blob.Sha256, cancellationToken);
        staged.Keep();
        change.Server.ShowIcon(staged.Blob.Sha256, image.ContentType);
        change.Record(ServerActions.ServerChanged, ServerLogTarget.Server, serverId, details: new { icon = true });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return TypedResults.Ok(new ServerIconResponse(AvatarImage.VersionOf(staged.Blob.Sha256)!, image.ContentType, image.Width, image.Height));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid serverId, CurrentUser user, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May(ServerPermissions.ManageServer))
        {
            return ServerResponses.Missing(ServerPermissions.ManageServer);
        }

        change.Server.ShowIcon(null, null);
        change.Record(ServerActions.ServerChanged, ServerLogTarget.Server, serverId, details: new { icon = false });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return TypedResults.NoContent();
    }

    /// <summary>For members, and for everybody who may find the server.</summary>
    public static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> GetAsync(
        Guid serverId, HttpContext http, CurrentUser user, ChatSphereDb db, BlobStore blobs, CancellationToken cancellationToken, string? v = null)
    {
        var icon = await db.Servers.Where(s => s.Id == serverId && s.IconSha256 != null)
            .Where(s => (s.DeleteAfter == null && s.IsDiscoverable) || ((s.DeleteAfter == null || s.OwnerId == user.AccountId) && db.ServerMembers.Any(m => m.ServerId == s.Id && m.MemberId == user.AccountId)))
            .Select(s => new { s.IconSha256, s.IconType }).SingleOrDefaultAsync(cancellationToken);
        return icon is { IconSha256: { } sha256, IconType: { } type } ? PictureTransfer.Serve(http, blobs, sha256, type, v) : Problems.NotFound();
    }
}
