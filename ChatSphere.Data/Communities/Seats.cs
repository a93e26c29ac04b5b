using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>A member in a server, with what that allows now.</summary>
/// <param name="Nickname">Empty: none.</param>
public sealed record ServerSeat(ServerSnapshot Server, MemberFacts Member, string Nickname, ServerPermissions Permissions)
{
    public bool IsOwner => Member.MemberId == Server.OwnerId;

    public bool May(ServerPermissions all) => (Permissions & all) == all;
}

/// <summary>Somebody at a channel that they may see, with what they may do there now.</summary>
/// <param name="Server">Null for direct and group messages.</param>
public sealed record ChannelSeat(ChannelSeat.Row Channel, ServerSnapshot? Server, MemberFacts? Member, ServerPermissions Permissions)
{
    public bool May(ServerPermissions all) => (Permissions & all) == all;

    /// <summary>Whose overwrites hold: of a thread its channel.</summary>
    public Guid RightsChannelId => Channel.Kind == ChannelKind.Thread ? Channel.ParentId!.Value : Channel.Id;

    /// <summary>As the question found it; a thread is at least as slow as its channel.</summary>
    public sealed record Row(
        Guid Id, Guid? ServerId, ChannelKind Kind, Guid? ParentId, string Name, int SlowModeSeconds, DateTimeOffset? ArchivedAt, DateTimeOffset? LockedAt, bool IsEncrypted, string AuthorName, string Nickname, string? AvatarVersion);
}

/// <summary>
/// Who may be where, asked as the caller. One question to the database for the version of the rights and the member's own, and memory for the rest. Null stands for everything
/// that may not be seen: no such thing, no member, no right to see it.
/// </summary>
public sealed class Seats(ChatSphereDb db, ServerSnapshots snapshots, TimeProvider time)
{
    private sealed record ServerRow(long RightsVersion, string Nickname, DateTimeOffset? TimedOutUntil, Guid[] RoleIds);

    private sealed record ChannelRow(
        Guid Id, Guid? ServerId, string Kind, Guid? ParentId, string Name, int SlowModeSeconds, DateTimeOffset? ArchivedAt, DateTimeOffset? LockedAt, bool IsEncrypted, string AuthorName,
        string? AvatarVersion, long? RightsVersion, string? Nickname, DateTimeOffset? TimedOutUntil, Guid[] RoleIds);

    public async Task<ServerSeat?> InServerAsync(Guid memberId, Guid serverId, CancellationToken cancellationToken)
    {
        var row = await db.Database.SqlQuery<ServerRow>($"""
            select s.rights_version as "RightsVersion", m.nickname as "Nickname", m.timed_out_until as "TimedOutUntil",
                   array(select r.role_id from communities.member_roles r where r.server_id = s.id and r.member_id = m.member_id) as "RoleIds"
            from communities.servers s join communities.server_members m on m.server_id = s.id and m.member_id = {memberId}
            where s.id = {serverId} and (s.delete_after is null or s.owner_id = {memberId})
            """).SingleOrDefaultAsync(cancellationToken);
        if (row is null || await snapshots.GetAsync(serverId, row.RightsVersion, cancellationToken) is not { } server)
        {
            return null;
        }

        var member = new MemberFacts(memberId, row.RoleIds, row.TimedOutUntil);
        return new ServerSeat(server, member, row.Nickname, PermissionRules.InServer(server, member, time.GetUtcNow()));
    }

    public async Task<ChannelSeat?> InChannelAsync(Guid memberId, Guid channelId, CancellationToken cancellationToken)
    {
        // The join of members, or that of participants, decides; a bot's name is in its own table.
        var row = await db.Database.SqlQuery<ChannelRow>($"""
            select c.id as "Id", c.server_id as "ServerId", c.kind as "Kind", c.parent_id as "ParentId", c.name as "Name",
                   greatest(c.slow_mode_seconds, case when c.kind = 'Thread' then (select p.slow_mode_seconds from communities.channels p where p.id = c.parent_id) end) as "SlowModeSeconds",
                   c.archived_at as "ArchivedAt", c.locked_at as "LockedAt", c.is_encrypted as "IsEncrypted",
                   coalesce((select a.display_name from accounts.accounts a where a.id = {memberId}), (select b.name from bots.bots b where b.id = {memberId}), '') as "AuthorName",
                   left(coalesce((select p.avatar_sha256 from people.profiles p where p.account_id = {memberId}), (select b.avatar_sha256 from bots.bots b where b.id = {memberId})), 16) as "AvatarVersion",
                   s.rights_version as "RightsVersion", m.nickname as "Nickname", m.timed_out_until as "TimedOutUntil",
                   array(select r.role_id from communities.member_roles r where r.server_id = c.server_id and r.member_id = {memberId}) as "RoleIds"
            from communities.channels c
            left join communities.servers s on s.id = c.server_id and s.delete_after is null
            left join communities.server_members m on m.server_id = s.id and m.member_id = {memberId}
            where c.id = {channelId} and c.deleted_at is null and c.kind <> 'Category'
              and (m.member_id is not null or c.server_id is null and exists (select 1 from communities.channel_members p where p.channel_id = c.id and p.account_id = {memberId}))
            """).SingleOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return null;
        }

        var kind = Enum.Parse<ChannelKind>(row.Kind);
        var channel = new ChannelSeat.Row(row.Id, row.ServerId, kind, row.ParentId, row.Name, row.SlowModeSeconds, row.ArchivedAt, row.LockedAt, row.IsEncrypted, row.AuthorName, row.Nickname ?? "", row.AvatarVersion);
        if (row.ServerId is not { } serverId)
        {
            // Between two, the other one must still take messages; what was written stays to be read.
            var heard = kind != ChannelKind.Direct
                || await db.MessageableBy(memberId).AnyAsync(a => db.ChannelMembers.Any(m => m.ChannelId == channelId && m.AccountId == a.Id), cancellationToken);
            return new ChannelSeat(channel, null, null, heard ? PermissionRules.Direct : PermissionRules.DirectReadOnly);
        }

        if (await snapshots.GetAsync(serverId, row.RightsVersion!.Value, cancellationToken) is not { } server)
        {
            return null;
        }

        var member = new MemberFacts(memberId, row.RoleIds, row.TimedOutUntil);
        var inThread = kind == ChannelKind.Thread;
        var permissions = PermissionRules.InChannel(server, member, inThread ? row.ParentId!.Value : channelId, inThread, time.GetUtcNow());
        return permissions.HasFlag(ServerPermissions.ViewChannel) ? new ChannelSeat(channel, server, member, permissions) : null;
    }

    /// <summary>The channels of a server, without threads, that a member may see, with what they may do there.</summary>
    public Dictionary<Guid, ServerPermissions> VisibleChannels(ServerSeat seat)
    {
        var now = time.GetUtcNow();
        return seat.Server.Channels.Keys.Select(id => (Id: id, Permissions: PermissionRules.InChannel(seat.Server, seat.Member, id, inThread: false, now)))
            .Where(c => c.Permissions.HasFlag(ServerPermissions.ViewChannel)).ToDictionary(c => c.Id, c => c.Permissions);
    }
}
