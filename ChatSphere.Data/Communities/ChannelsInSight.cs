using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>A server that somebody is in, with what they may read there.</summary>
public sealed record ServerInSight(Guid Id, string Name, IReadOnlyCollection<Guid> Channels);

/// <summary>Everything whose messages somebody may read now. Threads are not listed: the right to their channel holds.</summary>
public sealed record Sight(IReadOnlyList<ServerInSight> Servers, IReadOnlyList<Guid> Direct)
{
    /// <summary>Of all servers, and direct and group channels.</summary>
    public Guid[] Channels => [.. Servers.SelectMany(s => s.Channels), .. Direct];
}

/// <summary>The fence that every search and list over many channels starts from: rights first, then everything else.</summary>
public sealed class ChannelsInSight(ChatSphereDb db, ServerSnapshots snapshots, TimeProvider time)
{
    public async Task<Sight> OfAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var mine = await db.ServerMembers.AsNoTracking().Where(m => m.MemberId == accountId).Join(db.Servers.Where(s => s.DeleteAfter == null), m => m.ServerId, s => s.Id, (m, s) => new
        {
            s.Id,
            s.Name,
            s.RightsVersion,
            m.TimedOutUntil,
            RoleIds = db.MemberRoles.Where(r => r.ServerId == m.ServerId && r.MemberId == m.MemberId).Select(r => r.RoleId).ToList(),
        }).ToListAsync(cancellationToken);
        var (servers, now) = (new List<ServerInSight>(mine.Count), time.GetUtcNow());
        foreach (var m in mine)
        {
            if (await snapshots.GetAsync(m.Id, m.RightsVersion, cancellationToken) is { } server)
            {
                var member = new MemberFacts(accountId, m.RoleIds, m.TimedOutUntil);
                servers.Add(new ServerInSight(m.Id, m.Name, server.Channels.Keys.Where(c => MayRead(PermissionRules.InChannel(server, member, c, inThread: false, now))).ToHashSet()));
            }
        }

        var direct = await db.ChannelMembers.AsNoTracking().Where(m => m.AccountId == accountId && db.Channels.Any(c => c.Id == m.ChannelId && c.ServerId == null && c.DeletedAt == null)).Select(m => m.ChannelId).ToListAsync(cancellationToken);
        return new Sight(servers, direct);
    }

    public static bool MayRead(ServerPermissions permissions) => permissions.HasFlag(ServerPermissions.ViewChannel) && permissions.HasFlag(ServerPermissions.ReadMessageHistory);
}
