using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Servers that anybody may find and join.</summary>
internal static class DiscoverServers
{
    private const int MostWords = 6;

    /// <param name="q">Words; each must be in the name or the description.</param>
    public static async Task<Results<Ok<Page<DiscoverableServerResponse>>, ProblemHttpResult>> ListAsync(
        CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? q = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (q is not null && (q.Length > 200 || TextRules.HasUnstorable(q)))
        {
            return Problems.Invalid("q", "At most 200 characters that can be stored.");
        }

        var take = Cursor.Limit(limit);
        var found = await Found(db, q).AsNoTracking().Where(s => before == null || s.Id < before).OrderByDescending(s => s.Id).Take(take + 1).Select(s => new DiscoverableServerResponse(
            s.Id, s.Name, s.Description, s.IconSha256 == null ? null : s.IconSha256.Substring(0, AvatarImage.VersionLength), db.ServerMembers.Count(m => m.ServerId == s.Id),
            db.ServerMembers.Any(m => m.ServerId == s.Id && m.MemberId == user.AccountId), s.CreatedAt)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, s => Cursor.Of(s.Id)));
    }

    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> JoinAsync(Guid serverId, CurrentUser user, ChatSphereDb db, JoiningServers joining, CancellationToken cancellationToken)
    {
        if (!await Open(db).AnyAsync(s => s.Id == serverId, cancellationToken))
        {
            return Problems.NotFound();
        }

        return await joining.JoinAsync(serverId, user.AccountId, async () => await Open(db).AnyAsync(s => s.Id == serverId, cancellationToken) ? [] : null, Problems.NotFound, "discovery", cancellationToken);
    }

    private static IQueryable<Server> Open(ChatSphereDb db) => db.Servers.Where(s => s.IsDiscoverable && s.DeleteAfter == null);

    private static IQueryable<Server> Found(ChatSphereDb db, string? q)
    {
        var servers = Open(db);
        foreach (var word in (q ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MostWords))
        {
            var like = "%" + word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
            servers = servers.Where(s => EF.Functions.ILike(s.Name, like, "\\") || EF.Functions.ILike(s.Description, like, "\\"));
        }

        return servers;
    }
}
