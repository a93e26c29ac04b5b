using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

/// <summary>What is written down in a server's own log, <c>thing.happened</c>. A name never changes its meaning.</summary>
public static partial class ServerActions
{
    public const string ServerCreated = "server.created";
    public const string ServerChanged = "server.changed";
    public const string ServerTransferred = "server.transferred";
    public const string ServerDeleted = "server.deleted";
    public const string ServerRestored = "server.restored";
    public const string ServerClosed = "server.closed";
    public const string ServerReopened = "server.reopened";
    public const string MemberJoined = "member.joined";
    public const string MemberLeft = "member.left";
    public const string MemberRenamed = "member.renamed";
    public const string MemberRemoved = "member.removed";
    public const string MemberTimedOut = "member.timed_out";
    public const string MemberTimeoutEnded = "member.timeout_ended";
    public const string MemberBanned = "member.banned";
    public const string MemberUnbanned = "member.unbanned";
    public const string RoleGiven = "member.role_given";
    public const string RoleTaken = "member.role_taken";
    public const string RoleCreated = "role.created";
    public const string RoleChanged = "role.changed";
    public const string RolesOrdered = "role.ordered";
    public const string RoleDeleted = "role.deleted";
    public const string ChannelCreated = "channel.created";
    public const string ChannelChanged = "channel.changed";
    public const string ChannelsOrdered = "channel.ordered";
    public const string ChannelDeleted = "channel.deleted";
    public const string OverwriteSet = "channel.overwrite_set";
    public const string OverwriteRemoved = "channel.overwrite_removed";
    public const string ChannelSynced = "channel.synced";
    public const string InviteCreated = "invite.created";
    public const string InviteRevoked = "invite.revoked";
}

public enum ServerLogTarget
{
    Server,
    Member,
    Role,
    Channel,
    Invite,
}

/// <summary>One act in a server: for those who run it. What concerns the whole deployment is in the audit trail.</summary>
public sealed class ServerLogEntry
{
    public required Guid Id { get; init; }
    public required Guid ServerId { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Null: nobody of the server, or somebody whose account is erased.</summary>
    public Guid? ActorId { get; set; }
    public required string Action { get; init; }
    public required ServerLogTarget Target { get; init; }
    public Guid? TargetId { get; set; }

    /// <summary>As the actor wrote it.</summary>
    public string Reason { get; set; } = "";

    /// <summary>A JSON object, by action.</summary>
    public string? Details { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ServerLogEntry>
    {
        public void Configure(EntityTypeBuilder<ServerLogEntry> builder)
        {
            builder.ToTable("server_log", "communities");
            builder.Property(e => e.Action).HasMaxLength(40);
            builder.Property(e => e.Reason).HasMaxLength(500);
            builder.Property(e => e.Details).HasColumnType("jsonb");

            // Newest first; and what somebody's erasure has to find.
            builder.HasIndex(e => new { e.ServerId, e.Id });
            builder.HasIndex(e => e.ActorId);
            builder.HasIndex(e => e.TargetId);
            builder.HasOne<Server>().WithMany().HasForeignKey(e => e.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>Writes acts down, by the same <c>SaveChangesAsync</c> as the act itself.</summary>
public sealed class ServerLog(ChatSphereDb db, TimeProvider time)
{
    /// <param name="action">Of <see cref="ServerActions"/>.</param>
    /// <param name="details">Becomes JSON; the members who may see the log read it.</param>
    public void Record(Guid serverId, Guid? actorId, string action, ServerLogTarget target, Guid? targetId, string? reason = null, object? details = null)
    {
        var now = time.GetUtcNow();
        db.Add(new ServerLogEntry
        {
            Id = Guid.CreateVersion7(now),
            ServerId = serverId,
            At = now,
            ActorId = actorId,
            Action = action,
            Target = target,
            TargetId = targetId,
            Reason = reason?.Trim() ?? "",
            Details = details is null ? null : JsonSerializer.Serialize(details, JsonSerializerOptions.Web),
        });
    }
}
