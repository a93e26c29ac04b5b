using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Server> Servers => Set<Server>();
    public DbSet<ServerMember> ServerMembers => Set<ServerMember>();
    public DbSet<ServerRole> ServerRoles => Set<ServerRole>();
    public DbSet<MemberRole> MemberRoles => Set<MemberRole>();
    public DbSet<Invite> Invites => Set<Invite>();
    public DbSet<ServerBan> ServerBans => Set<ServerBan>();
    public DbSet<Channel> Channels => Set<Channel>();
    public DbSet<ChannelCounter> ChannelCounters => Set<ChannelCounter>();
    public DbSet<ChannelOverwrite> ChannelOverwrites => Set<ChannelOverwrite>();
    public DbSet<ChannelMember> ChannelMembers => Set<ChannelMember>();
    public DbSet<ReadState> ReadStates => Set<ReadState>();
    public DbSet<ChannelMessage> ChannelMessages => Set<ChannelMessage>();
}
