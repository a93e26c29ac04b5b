using System.Collections.Frozen;

namespace ChatSphere.Data.Communities;

/// <param name="Id">Of everyone's role: the server's.</param>
public sealed record RoleFacts(Guid Id, ServerPermissions Permissions, int Position);

public sealed record OverwriteFacts(Guid TargetId, OverwriteTarget Target, ServerPermissions Allow, ServerPermissions Deny);

/// <param name="Overwrites">In no order; the rules do not depend on one.</param>
public sealed record ChannelFacts(Guid Id, ChannelKind Kind, Guid? ParentId, IReadOnlyList<OverwriteFacts> Overwrites);

/// <summary>What the rights in a server follow from, as of one version of them. Threads are not in it: the rights of their channel hold.</summary>
public sealed record ServerSnapshot(Guid ServerId, Guid OwnerId, long Version, FrozenDictionary<Guid, RoleFacts> Roles, FrozenDictionary<Guid, ChannelFacts> Channels);

/// <param name="RoleIds">Without everyone's.</param>
public sealed record MemberFacts(Guid MemberId, IReadOnlyList<Guid> RoleIds, DateTimeOffset? TimedOutUntil);

/// <summary>
/// Who may do what in a server: Discord's documented order (docs/authorization.md). First everyone's overwrite of the channel, then those of all the member's roles at once, then
/// the member's own; an administrator and the owner are above it all.
/// </summary>
public static class PermissionRules
{
    private const ServerPermissions WhileTimedOut = ServerPermissions.ViewChannel | ServerPermissions.ReadMessageHistory;
    private const ServerPermissions NeedsSending = ServerPermissions.MentionEveryone | ServerPermissions.AttachFiles | ServerPermissions.EmbedLinks | ServerPermissions.SendPolls;

    /// <summary>What direct and group messages allow who is in them.</summary>
    public const ServerPermissions Direct =
        ServerPermissions.ViewChannel | ServerPermissions.ReadMessageHistory | ServerPermissions.SendMessages | ServerPermissions.AddReactions | ServerPermissions.AttachFiles | ServerPermissions.EmbedLinks
        | ServerPermissions.PinMessages | ServerPermissions.SendPolls | ServerPermissions.UseExternalEmoji | ServerPermissions.Connect | ServerPermissions.Speak;

    /// <summary>What is left of it when the other one takes no messages.</summary>
    public const ServerPermissions DirectReadOnly = ServerPermissions.ViewChannel | ServerPermissions.ReadMessageHistory;

    /// <summary>In the server as a whole.</summary>
    public static ServerPermissions InServer(ServerSnapshot server, MemberFacts member, DateTimeOffset now)
    {
        var held = Held(server, member);
        return held != ServerPermissionNames.All && member.TimedOutUntil > now ? held & WhileTimedOut : held;
    }

    /// <summary>In one of its channels; for a thread, <paramref name="channelId"/> is the channel that it is in. None: there is no such channel.</summary>
    public static ServerPermissions InChannel(ServerSnapshot server, MemberFacts member, Guid channelId, bool inThread, DateTimeOffset now)
    {
        if (!server.Channels.TryGetValue(channelId, out var channel))
        {
            return ServerPermissions.None;
        }

        var p = Held(server, member);
        if (p == ServerPermissionNames.All)
        {
            return p;
        }

        ServerPermissions roleDeny = 0, roleAllow = 0, memberDeny = 0, memberAllow = 0;
        foreach (var overwrite in channel.Overwrites)
        {
            if (overwrite.Target == OverwriteTarget.Member)
            {
                if (overwrite.TargetId == member.MemberId)
                {
                    (memberDeny, memberAllow) = (overwrite.Deny, overwrite.Allow);
                }
            }
            else if (overwrite.TargetId == server.ServerId)
            {
                p = (p & ~overwrite.Deny) | overwrite.Allow;
            }
            else if (member.RoleIds.Contains(overwrite.TargetId))
            {
                roleDeny |= overwrite.Deny;
                roleAllow |= overwrite.Allow;
            }
        }

        p = (p & ~roleDeny) | roleAllow;
        p = (p & ~memberDeny) | memberAllow;

        // An overwrite makes nobody an administrator.
        p &= ~ServerPermissions.Administrator;
        if (inThread)
        {
            p = p.HasFlag(ServerPermissions.SendMessagesInThreads) ? p | ServerPermissions.SendMessages : p & ~ServerPermissions.SendMessages;
        }

        if (!p.HasFlag(ServerPermissions.ViewChannel))
        {
            return ServerPermissions.None;
        }

        if (!p.HasFlag(ServerPermissions.SendMessages))
        {
            p &= ~NeedsSending;
        }

        if (channel.Kind == ChannelKind.Voice && !p.HasFlag(ServerPermissions.Connect))
        {
            // It is seen to be there, and that is all.
            p &= ServerPermissions.ViewChannel;
        }

        return member.TimedOutUntil > now ? p & WhileTimedOut : p;
    }

    /// <summary>The highest of a member's roles; everyone's for who has none. The owner stands above all roles, which callers ask first.</summary>
    public static RoleFacts TopRole(ServerSnapshot server, MemberFacts member)
    {
        var top = server.Roles[server.ServerId];
        foreach (var id in member.RoleIds)
        {
            if (server.Roles.TryGetValue(id, out var role) && IsAbove(role, top))
            {
                top = role;
            }
        }

        return top;
    }

    /// <summary>Whether one role stands above another; equal positions are ordered by id, the smaller above.</summary>
    public static bool IsAbove(RoleFacts one, RoleFacts other) =>
        one.Position != other.Position ? one.Position > other.Position : string.CompareOrdinal(one.Id.ToString(), other.Id.ToString()) < 0;

    /// <summary>Whether one member may act on another: remove, ban, time out, name. Nobody on the owner, on themselves, or on whose top role is not lower.</summary>
    public static bool OutRanks(ServerSnapshot server, MemberFacts one, MemberFacts other) =>
        one.MemberId != other.MemberId && other.MemberId != server.OwnerId && (one.MemberId == server.OwnerId || IsAbove(TopRole(server, one), TopRole(server, other)));

    private static ServerPermissions Held(ServerSnapshot server, MemberFacts member)
    {
        if (member.MemberId == server.OwnerId)
        {
            return ServerPermissionNames.All;
        }

        var p = server.Roles[server.ServerId].Permissions;
        foreach (var id in member.RoleIds)
        {
            if (server.Roles.TryGetValue(id, out var role))
            {
                p |= role.Permissions;
            }
        }

        return p.HasFlag(ServerPermissions.Administrator) ? ServerPermissionNames.All : p;
    }
}
