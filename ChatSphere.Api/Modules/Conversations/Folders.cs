using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>Folders of one's own, and the tags in use.</summary>
internal static class Folders
{
    private const int Most = 100;

    public static async Task<Ok<List<FolderResponse>>> ListAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var folders = await db.Folders.AsNoTracking().Where(f => f.OwnerId == user.AccountId)
            .Select(f => new FolderResponse(f.Id, f.Name, db.Conversations.Count(c => c.FolderId == f.Id && c.OwnerId == user.AccountId), f.CreatedAt)).ToListAsync(cancellationToken);

        // By name here: in the database it may be sealed.
        return TypedResults.Ok(folders.OrderBy(f => f.Name, StringComparer.InvariantCultureIgnoreCase).ThenBy(f => f.Id).ToList());
    }

    public static async Task<Results<Created<FolderResponse>, ProblemHttpResult>> CreateAsync(FolderRequest request, CurrentUser user, ChatSphereDb db, LiveFeed live, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (await db.Folders.CountAsync(f => f.OwnerId == user.AccountId, cancellationToken) >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"One may have {Most} folders.");
        }

        var now = time.GetUtcNow();
        var folder = new Folder { Id = Guid.CreateVersion7(now), OwnerId = user.AccountId, Name = request.Name.Trim(), CreatedAt = now };
        db.Add(folder);
        await db.SaveChangesAsync(cancellationToken);
        live.Publish(user.AccountId, LiveEventTypes.FoldersChanged, new LiveReference(folder.Id));
        return TypedResults.Created($"/v1/folders/{folder.Id}", new FolderResponse(folder.Id, folder.Name, 0, folder.CreatedAt));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RenameAsync(Guid folderId, FolderRequest request, CurrentUser user, ChatSphereDb db, LiveFeed live, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        return await db.Folders.Where(f => f.Id == folderId && f.OwnerId == user.AccountId).ExecuteUpdateAsync(f => f.SetProperty(x => x.Name, request.Name.Trim()), cancellationToken) == 0
            ? Problems.NotFound()
            : Changed(user, live, folderId);
    }

    /// <summary>The conversations in it stay.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid folderId, CurrentUser user, ChatSphereDb db, LiveFeed live, CancellationToken cancellationToken) =>
        await db.Folders.Where(f => f.Id == folderId && f.OwnerId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0 ? Problems.NotFound() : Changed(user, live, folderId);

    public static async Task<Ok<List<TagResponse>>> TagsAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) => TypedResults.Ok(
        (await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => c.ExpiresAt == null).SelectMany(c => c.Tags).GroupBy(t => t).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken))
        .OrderBy(t => t.Key, StringComparer.InvariantCultureIgnoreCase).Select(t => new TagResponse(t.Key, t.Count)).ToList());

    private static NoContent Changed(CurrentUser user, LiveFeed live, Guid folderId)
    {
        live.Publish(user.AccountId, LiveEventTypes.FoldersChanged, new LiveReference(folderId));
        return TypedResults.NoContent();
    }
}
