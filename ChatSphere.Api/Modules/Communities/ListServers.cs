using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class ListServers
{
    public static async Task<Ok<List<ServerResponse>>> HandleAsync(CurrentUser user, ChatSphereDb db, ServerSnapshots snapshots, TimeProvider time, CancellationToken cancellationToken)
    {
        var mine = await db.ServerMembers.AsNoTracking().Where(m => m.MemberId == user.AccountId).Join(db.Servers.Where(s => s.DeleteAfter == null), m => m.ServerId, s => s.Id, (m, s) => new
        {
            Server = s,
            m.TimedOutUntil,
            RoleIds = db.MemberRoles.Where(r => r.ServerId == m.ServerId && r.MemberId == m.MemberId).Select(r => r.RoleId).ToList(),
        }).ToListAsync(cancellationToken);
        var servers = new List<ServerResponse>(mine.Count);
        foreach (var m in mine)
        {
            if (await snapshots.GetAsync(m.Server.Id, m.Server.RightsVersion, cancellationToken) is { } snapshot)
            {
                servers.Add(ServerResponses.From(m.Server, PermissionRules.InServer(snapshot, new MemberFacts(user.AccountId, m.RoleIds, m.TimedOutUntil), time.GetUtcNow())));
            }
        }

        return TypedResults.Ok(servers.OrderBy(s => s.Name, StringComparer.InvariantCultureIgnoreCase).ThenBy(s => s.Id).ToList());
    }
}
