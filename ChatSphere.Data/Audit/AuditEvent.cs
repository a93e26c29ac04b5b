using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Audit;

public enum ActorKind
{
    Anonymous,
    Person,
    ApiKey,
    System,
}

/// <summary>One security-relevant act, as it was. Never changed, never deleted. Carries ids, not names, addresses of mail or what people wrote.</summary>
public sealed class AuditEvent
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required ActorKind ActorKind { get; init; }
    public Guid? ActorId { get; init; }

    /// <summary>The session or API key that it was done with.</summary>
    public Guid? CredentialId { get; init; }

    /// <summary>The network that it came from: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.</summary>
    public string? Network { get; init; }

    /// <summary>One of <c>AuditActions</c>.</summary>
    public required string Action { get; init; }

    /// <summary><c>account</c>, <c>role</c>, <c>bot</c> …</summary>
    public string? TargetKind { get; init; }
    public Guid? TargetId { get; init; }
    public string? Reason { get; init; }

    /// <summary>JSON: what changed, as the action documents it.</summary>
    public string? Details { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuditEvent>
    {
        public void Configure(EntityTypeBuilder<AuditEvent> builder)
        {
            builder.ToTable("events", "audit");
            builder.Property(e => e.Network).HasMaxLength(64);
            builder.Property(e => e.Action).HasMaxLength(64);
            builder.Property(e => e.TargetKind).HasMaxLength(32);
            builder.Property(e => e.Reason).HasMaxLength(400);
            builder.HasIndex(e => new { e.ActorId, e.Id });
            builder.HasIndex(e => new { e.TargetId, e.Id });
            builder.HasIndex(e => new { e.Action, e.Id });
        }
    }
}
