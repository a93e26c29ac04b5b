using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

public enum ChannelKind
{
    Text,
    Announcement,
    Voice,

    /// <summary>Holds no messages; its overwrites are copied to the channels in it that are in step with it.</summary>
    Category,

    /// <summary>In a text or announcement channel, whose overwrites hold in it.</summary>
    Thread,

    /// <summary>Two people; no server.</summary>
    Direct,

    /// <summary>A few people; no server.</summary>
    Group,
}

/// <summary>A place with numbered messages. Its counters are a row of their own (<see cref="ChannelCounter"/>), which every message writes.</summary>
public sealed partial class Channel : Entity
{
    public const int MaxNameLength = 100;

    private Channel()
    {
    }

    /// <summary>Null for direct and group messages.</summary>
    public Guid? ServerId { get; private init; }
    public ChannelKind Kind { get; private init; }

    /// <summary>The category, or of a thread the channel.</summary>
    public Guid? ParentId { get; set; }
    public string Name { get; set; } = "";

    /// <summary>Names that look alike have the same; unique in the server but for threads.</summary>
    public string NameKey { get; set; } = "";
    public string Topic { get; set; } = "";

    /// <summary>From the top, among those with the same parent.</summary>
    public int Position { get; set; }

    /// <summary>Seconds that one waits between two messages; 0: none.</summary>
    public int SlowModeSeconds { get; set; }
    public Guid CreatedBy { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>Of a thread: the message it began with.</summary>
    public Guid? StarterMessageId { get; private init; }

    /// <summary>Of a thread: put away after this long without a message.</summary>
    public int AutoArchiveMinutes { get; set; }
    public DateTimeOffset? ArchivedAt { get; set; }

    /// <summary>Of a thread: only who manages threads writes or opens it again.</summary>
    public DateTimeOffset? LockedAt { get; set; }

    /// <summary>Of direct messages: the server keeps ciphertext only.</summary>
    public bool IsEncrypted { get; private init; }

    public static Channel InServer(Guid serverId, ChannelKind kind, string name, Guid? parentId, int position, Guid createdBy, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ServerId = serverId,
        Kind = kind,
        Name = name,
        NameKey = LookAlikes.KeyOf(name),
        ParentId = parentId,
        Position = position,
        CreatedBy = createdBy,
        CreatedAt = now,
    };

    public static Channel Thread(Guid serverId, Guid parentId, string name, Guid? starterMessageId, Guid createdBy, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ServerId = serverId,
        Kind = ChannelKind.Thread,
        Name = name,
        NameKey = LookAlikes.KeyOf(name),
        ParentId = parentId,
        StarterMessageId = starterMessageId,
        AutoArchiveMinutes = 3 * 24 * 60,
        CreatedBy = createdBy,
        CreatedAt = now,
    };

    public static Channel Between(ChannelKind kind, bool isEncrypted, Guid createdBy, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Kind = kind,
        IsEncrypted = isEncrypted,
        CreatedBy = createdBy,
        CreatedAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<Channel>
    {
        public void Configure(EntityTypeBuilder<Channel> builder)
        {
            builder.ToTable("channels", "communities");
            builder.Property(c => c.Name).HasMaxLength(MaxNameLength);
            builder.Property(c => c.NameKey).HasMaxLength(300);
            builder.Property(c => c.Topic).HasMaxLength(1_024);
            builder.HasIndex(c => new { c.ServerId, c.NameKey }).IsUnique().HasFilter("server_id is not null and kind <> 'Thread' and deleted_at is null");
            builder.HasIndex(c => c.ParentId);

            // A message begins at most one thread.
            builder.HasIndex(c => c.StarterMessageId).IsUnique().HasFilter("starter_message_id is not null");
            builder.HasOne<Server>().WithMany().HasForeignKey(c => c.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>
/// How far a channel is. Whoever adds or changes a message takes the next number here first and holds the row until the transaction ends, so numbers have no gaps and the
/// order of numbers is the order in which they became visible. Made by a trigger with its channel.
/// </summary>
public sealed class ChannelCounter
{
    public required Guid ChannelId { get; init; }

    /// <summary>Of the newest message; from 1.</summary>
    public long LastSeq { get; init; }

    /// <summary>Of the newest change to any message: written, edited, deleted, reacted to, pinned; from 1.</summary>
    public long LastChange { get; init; }
    public DateTimeOffset? LastMessageAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ChannelCounter>
    {
        public void Configure(EntityTypeBuilder<ChannelCounter> builder)
        {
            builder.ToTable("channel_counters", "communities");
            builder.HasKey(c => c.ChannelId);
            builder.HasOne<Channel>().WithOne().HasForeignKey<ChannelCounter>(c => c.ChannelId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public enum OverwriteTarget
{
    Role,
    Member,
}

/// <summary>What a channel allows or denies a role or a member beyond the roles of the server.</summary>
public sealed class ChannelOverwrite
{
    public required Guid ChannelId { get; init; }

    /// <summary>A role's or a member's id.</summary>
    public required Guid TargetId { get; init; }
    public required OverwriteTarget Target { get; init; }
    public required long Allow { get; set; }
    public required long Deny { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ChannelOverwrite>
    {
        public void Configure(EntityTypeBuilder<ChannelOverwrite> builder)
        {
            builder.ToTable("channel_overwrites", "communities");
            builder.HasKey(o => new { o.ChannelId, o.TargetId });
            builder.HasIndex(o => o.TargetId);
            builder.HasOne<Channel>().WithMany().HasForeignKey(o => o.ChannelId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>Who is in a direct or group conversation, or follows a thread.</summary>
public sealed partial class ChannelMember
{
    public required Guid ChannelId { get; init; }
    public required Guid AccountId { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<ChannelMember>
    {
        public void Configure(EntityTypeBuilder<ChannelMember> builder)
        {
            builder.ToTable("channel_members", "communities");
            builder.HasKey(m => new { m.ChannelId, m.AccountId });
            builder.HasIndex(m => m.AccountId);
            builder.HasOne<Channel>().WithMany().HasForeignKey(m => m.ChannelId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>How far somebody has read. What is unread is the channel's newest number less this one.</summary>
public sealed partial class ReadState
{
    public required Guid AccountId { get; init; }
    public required Guid ChannelId { get; init; }
    public required long LastReadSeq { get; set; }
    public required DateTimeOffset ReadAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ReadState>
    {
        public void Configure(EntityTypeBuilder<ReadState> builder)
        {
            builder.ToTable("read_states", "communities");
            builder.HasKey(r => new { r.AccountId, r.ChannelId });
            builder.HasIndex(r => r.ChannelId);
            builder.HasOne<Channel>().WithMany().HasForeignKey(r => r.ChannelId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
