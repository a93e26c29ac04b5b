using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>What the site's moderators may do with servers that they are no members of: see that they are there, close one, open it again. Not read in them.</summary>
internal static class ModerateServers
{
    /// <param name="q">Part of the name.</param>
    public static async Task<Results<Ok<Page<ModeratedServerResponse>>, ProblemHttpResult>> ListAsync(ChatSphereDb db, CancellationToken cancellationToken, string? q = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (q is not null && (q.Length > 200 || TextRules.HasUnstorable(q)))
        {
            return Problems.Invalid("q", "At most 200 characters that can be stored.");
        }

        var servers = db.Servers.AsNoTracking().Where(s => before == null || s.Id < before);
        if (!string.IsNullOrWhiteSpace(q))
        {
            var like = "%" + q.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
            servers = servers.Where(s => EF.Functions.ILike(s.Name, like, "\\"));
        }

        var take = Cursor.Limit(limit);
        return TypedResults.Ok(Pages.Of(await Projected(db, servers.OrderByDescending(s => s.Id).Take(take + 1)).ToListAsync(cancellationToken), take, s => Cursor.Of(s.Id)));
    }

    public static async Task<Results<Ok<ModeratedServerResponse>, ProblemHttpResult>> CloseAsync(
        Guid serverId, CloseServerRequest request, ChatSphereDb db, AuditTrail audit, ServerLog log, CommunitySignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.HasUnstorable(request.Reason) || string.IsNullOrWhiteSpace(request.Reason))
        {
            return Problems.Invalid("reason", "It must say something, without NUL characters or broken surrogates.");
        }

        var now = time.GetUtcNow();
        return await ChangeAsync(serverId, db, signals, now, server =>
        {
            if (server.ClosedAt is null)
            {
                server.Close(now);
                audit.Record(AuditActions.ServerClosed, "server", serverId, reason: request.Reason);
                log.Record(serverId, null, ServerActions.ServerClosed, ServerLogTarget.Server, serverId, request.Reason);
            }
        }, cancellationToken);
    }

    public static Task<Results<Ok<ModeratedServerResponse>, ProblemHttpResult>> ReopenAsync(
        Guid serverId, ChatSphereDb db, AuditTrail audit, ServerLog log, CommunitySignals signals, TimeProvider time, CancellationToken cancellationToken) => ChangeAsync(serverId, db, signals, time.GetUtcNow(), server =>
    {
        if (server.ClosedAt is not null)
        {
            server.Reopen();
            audit.Record(AuditActions.ServerReopened, "server", serverId);
            log.Record(serverId, null, ServerActions.ServerReopened, ServerLogTarget.Server, serverId);
        }
    }, cancellationToken);

    private static async Task<Results<Ok<ModeratedServerResponse>, ProblemHttpResult>> ChangeAsync(Guid serverId, ChatSphereDb db, CommunitySignals signals, DateTimeOffset now, Action<Server> act, CancellationToken cancellationToken)
    {
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"server:{serverId}"}, 0))", cancellationToken);
            // What is over its time is being removed.
            if (await db.Servers.SingleOrDefaultAsync(s => s.Id == serverId && (s.DeleteAfter == null || s.DeleteAfter > now), cancellationToken) is not { } server)
            {
                return Problems.NotFound();
            }

            act(server);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        signals.MembershipsChanged(serverId, await db.ServerMembers.Where(m => m.ServerId == serverId && m.Kind == MemberKind.Person).Select(m => m.MemberId).ToListAsync(cancellationToken));
        return TypedResults.Ok(await Projected(db, db.Servers.AsNoTracking().Where(s => s.Id == serverId)).SingleAsync(cancellationToken));
    }

    private static IQueryable<ModeratedServerResponse> Projected(ChatSphereDb db, IQueryable<Server> servers) => servers.Select(s => new ModeratedServerResponse(
        s.Id, s.Name, s.Description, s.OwnerId, db.Users.Where(a => a.Id == s.OwnerId).Select(a => a.DisplayName).FirstOrDefault() ?? "", db.ServerMembers.Count(m => m.ServerId == s.Id), s.IsDiscoverable, s.CreatedAt,
        s.ClosedAt, s.DeleteAfter));
}
