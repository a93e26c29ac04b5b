using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>What was done in a server, newest first. What concerns channels only as far as one sees them; deleted ones are for administrators.</summary>
internal static class ListServerLog
{
    public static async Task<Results<Ok<Page<ServerLogEntryResponse>>, ProblemHttpResult>> HandleAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken, string? action = null, Guid? actorId = null, Guid? targetId = null, string? cursor = null, int? limit = null)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ViewAuditLog))
        {
            return ServerResponses.Missing(ServerPermissions.ViewAuditLog);
        }

        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (action is not null && (action.Length > 40 || TextRules.HasUnstorable(action)))
        {
            return Problems.Invalid("action", "The name of an action, such as role.changed.");
        }

        var entries = db.ServerLog.AsNoTracking().Where(e => e.ServerId == serverId && (before == null || e.Id < before));
        if (!seat.May(ServerPermissions.Administrator))
        {
            var visible = seats.VisibleChannels(seat).Keys.ToList();
            entries = entries.Where(e => e.Target != ServerLogTarget.Channel || visible.Contains(e.TargetId!.Value));
        }

        if (!string.IsNullOrEmpty(action))
        {
            entries = entries.Where(e => e.Action == action);
        }

        if (actorId is not null)
        {
            entries = entries.Where(e => e.ActorId == actorId);
        }

        if (targetId is not null)
        {
            entries = entries.Where(e => e.TargetId == targetId);
        }

        var take = Cursor.Limit(limit);
        var found = await entries.OrderByDescending(e => e.Id).Take(take + 1).Select(e => new
        {
            Entry = e,
            Actor = db.Users.Where(a => a.Id == e.ActorId).Select(a => a.DisplayName).FirstOrDefault() ?? db.Bots.Where(b => b.Id == e.ActorId).Select(b => b.Name).FirstOrDefault(),
            Account = e.Target == ServerLogTarget.Member ? db.Users.Where(a => a.Id == e.TargetId).Select(a => a.DisplayName).FirstOrDefault() ?? db.Bots.Where(b => b.Id == e.TargetId).Select(b => b.Name).FirstOrDefault() : null,
            Role = e.Target == ServerLogTarget.Role ? db.ServerRoles.Where(r => r.Id == e.TargetId).Select(r => r.Name).FirstOrDefault() : null,
            Channel = e.Target == ServerLogTarget.Channel ? db.Channels.Where(c => c.Id == e.TargetId).Select(c => c.Name).FirstOrDefault() : null,
        }).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(
            found.ConvertAll(f => new ServerLogEntryResponse(
                f.Entry.Id, f.Entry.At, f.Entry.ActorId, f.Actor, f.Entry.Action, (ServerLogTargetKind)f.Entry.Target, f.Entry.TargetId, f.Account ?? f.Role ?? f.Channel, f.Entry.Reason,
                f.Entry.Details is null ? null : JsonElement.Parse(f.Entry.Details))),
            take,
            e => Cursor.Of(e.Id)));
    }
}
