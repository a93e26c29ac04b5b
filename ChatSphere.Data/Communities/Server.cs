using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

/// <summary>A community: members with roles, and channels that these roles may see.</summary>
public sealed partial class Server : Entity
{
    public const int MaxNameLength = 100;

    private Server()
    {
    }

    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public Guid OwnerId { get; set; }

    /// <summary>Anybody who may see servers finds it and may join without an invite.</summary>
    public bool IsDiscoverable { get; set; }

    /// <summary>
    /// One more with every change that may change what a member may do: roles, who has them, overwrites, channels, time-outs, leaving (not joining). Triggers count it
    /// (<see cref="CommunitiesSql"/>), in the transaction of the change, so whoever has seen this number has rights that are no older.
    /// </summary>
    public long RightsVersion { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Set: deleted, and gone for good after this; until then its owner can take it back and nobody else sees it.</summary>
    public DateTimeOffset? DeleteAfter { get; set; }

    public static Server Create(string name, Guid ownerId, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(now), Name = name, OwnerId = ownerId, CreatedAt = now };

    internal sealed class Mapping : IEntityTypeConfiguration<Server>
    {
        public void Configure(EntityTypeBuilder<Server> builder)
        {
            builder.ToTable("servers", "communities");
            builder.Property(s => s.Name).HasMaxLength(MaxNameLength);
            builder.Property(s => s.Description).HasMaxLength(1_000);
            builder.Property(s => s.RightsVersion).HasDefaultValue(0L).ValueGeneratedOnAddOrUpdate();
            builder.HasIndex(s => s.OwnerId);
            builder.HasIndex(s => s.DeleteAfter).HasFilter("delete_after is not null");
            builder.HasIndex(s => s.Id).HasFilter("is_discoverable and delete_after is null").HasDatabaseName("ix_servers_discoverable");
        }
    }
}

public enum MemberKind
{
    Person,
    Bot,
}

/// <summary>Somebody, or a bot, in a server.</summary>
public sealed partial class ServerMember
{
    public required Guid ServerId { get; init; }

    /// <summary>An account's or a bot's id.</summary>
    public required Guid MemberId { get; init; }
    public required MemberKind Kind { get; init; }

    /// <summary>Shown here in place of the name; empty: none.</summary>
    public string Nickname { get; set; } = "";
    public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>Until then the member sees and reads, and does nothing else.</summary>
    public DateTimeOffset? TimedOutUntil { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ServerMember>
    {
        public void Configure(EntityTypeBuilder<ServerMember> builder)
        {
            builder.ToTable("server_members", "communities");
            builder.HasKey(m => new { m.ServerId, m.MemberId });
            builder.Property(m => m.Nickname).HasMaxLength(64);

            // Which servers is this one in?
            builder.HasIndex(m => new { m.MemberId, m.ServerId });
            builder.HasOne<Server>().WithMany().HasForeignKey(m => m.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What its holders may do in a server. The role with the server's own id is everyone's and is not given out.</summary>
public sealed partial class ServerRole
{
    public const int MaxNameLength = 64;

    public required Guid Id { get; init; }
    public required Guid ServerId { get; init; }
    public required string Name { get; set; }

    /// <summary>Names that look alike have the same; unique in the server.</summary>
    public required string NameKey { get; set; }

    /// <summary>The bits of <c>ServerPermissions</c>.</summary>
    public required long Permissions { get; set; }

    /// <summary>0 for everyone's. Higher stands above; equal ones are ordered by id, the smaller above.</summary>
    public required int Position { get; set; }

    /// <summary>0xRRGGBB; null: none.</summary>
    public int? Color { get; set; }

    /// <summary>Its members are listed apart.</summary>
    public bool IsHoisted { get; set; }
    public bool IsMentionable { get; set; }

    /// <summary>The role that came with this bot, which only it holds.</summary>
    public Guid? BotId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ServerRole>
    {
        public void Configure(EntityTypeBuilder<ServerRole> builder)
        {
            builder.ToTable("server_roles", "communities");
            builder.Property(r => r.Name).HasMaxLength(MaxNameLength);
            builder.Property(r => r.NameKey).HasMaxLength(200);
            builder.HasIndex(r => new { r.ServerId, r.NameKey }).IsUnique();
            builder.HasOne<Server>().WithMany().HasForeignKey(r => r.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public sealed class MemberRole
{
    public required Guid ServerId { get; init; }
    public required Guid MemberId { get; init; }
    public required Guid RoleId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<MemberRole>
    {
        public void Configure(EntityTypeBuilder<MemberRole> builder)
        {
            builder.ToTable("member_roles", "communities");
            builder.HasKey(r => new { r.ServerId, r.MemberId, r.RoleId });
            builder.HasIndex(r => r.RoleId);
            builder.HasOne<ServerMember>().WithMany().HasForeignKey(r => new { r.ServerId, r.MemberId }).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<ServerRole>().WithMany().HasForeignKey(r => r.RoleId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A way in. Its code is a secret of 128 random bits: who has it may join.</summary>
public sealed partial class Invite
{
    public required Guid Id { get; init; }
    public required string Code { get; init; }
    public required Guid ServerId { get; init; }
    public required Guid CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Null: as often as one likes.</summary>
    public int? MaxUses { get; init; }
    public int Uses { get; init; }

    /// <summary>What who comes by it is given.</summary>
    public List<Guid> RoleIds { get; init; } = [];

    internal sealed class Mapping : IEntityTypeConfiguration<Invite>
    {
        public void Configure(EntityTypeBuilder<Invite> builder)
        {
            builder.ToTable("invites", "communities");
            builder.Property(i => i.Code).HasMaxLength(32);
            builder.HasIndex(i => i.Code).IsUnique();
            builder.HasIndex(i => i.ServerId);
            builder.HasOne<Server>().WithMany().HasForeignKey(i => i.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>An account that may not come back.</summary>
public sealed partial class ServerBan
{
    public required Guid ServerId { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid BannedBy { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ServerBan>
    {
        public void Configure(EntityTypeBuilder<ServerBan> builder)
        {
            builder.ToTable("server_bans", "communities");
            builder.HasKey(b => new { b.ServerId, b.AccountId });
            builder.Property(b => b.Reason).HasMaxLength(500);
            builder.HasOne<Server>().WithMany().HasForeignKey(b => b.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
