using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Deleting a server, and taking that back. The Worker removes what nobody took back.</summary>
internal static class DeleteServer
{
    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> HandleAsync(
        Guid serverId, CurrentUser user, ServerChanges changes, AuditTrail audit, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.IsOwner)
        {
            return ServerChange.OwnerOnly();
        }

        if (change.Server.DeleteAfter is null)
        {
            change.Server.Delete(change.Now);
            change.Record(ServerActions.ServerDeleted, ServerLogTarget.Server, serverId);
            audit.Record(AuditActions.ServerDeleted, "server", serverId);
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(serverId);
        }

        return TypedResults.Ok(ServerResponses.From(change.Server, change.Seat.Permissions));
    }

    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> RestoreAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, ServerChanges changes, AuditTrail audit, CommunitySignals signals, CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> members;
        Server server;
        ServerPermissions permissions;
        await using (var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken))
        {
            if (change is null)
            {
                return Problems.NotFound();
            }

            if (!change.Seat.IsOwner)
            {
                return ServerChange.OwnerOnly();
            }

            (server, permissions) = (change.Server, change.Seat.Permissions);
            if (server.ClosedAt is not null)
            {
                return Problems.Conflict(ErrorCodes.ServerClosed, "The site's moderators closed this server. Ask them to open it again.");
            }

            members = await db.ServerMembers.Where(m => m.ServerId == serverId && m.Kind == MemberKind.Person).Select(m => m.MemberId).ToListAsync(cancellationToken);
            if (server.DeleteAfter <= change.Now)
            {
                // It is being removed.
                return Problems.NotFound();
            }

            if (server.DeleteAfter is not null)
            {
                server.DeleteAfter = null;
                change.Record(ServerActions.ServerRestored, ServerLogTarget.Server, serverId);
                audit.Record(AuditActions.ServerRestored, "server", serverId);
                await change.CommitAsync(cancellationToken);
            }
        }

        // Their connections had left it.
        signals.MembershipsChanged(serverId, members);
        return TypedResults.Ok(ServerResponses.From(server, permissions));
    }

    /// <summary>Mine that can still be taken back.</summary>
    public static async Task<Ok<List<ServerResponse>>> ListAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var deleted = await db.Servers.AsNoTracking().Where(s => s.OwnerId == user.AccountId && s.DeleteAfter != null).OrderBy(s => s.DeleteAfter).ThenBy(s => s.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok(deleted.ConvertAll(s => ServerResponses.From(s, ServerPermissionNames.All)));
    }
}
