using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Network;

public enum AddressRuleKind
{
    /// <summary>As soon as there is one, only addresses in such rules get in.</summary>
    Allow,

    /// <summary>Never gets in, whatever allows it.</summary>
    Deny,
}

/// <summary>A network whose requests are let in or refused before anything else is looked at.</summary>
public sealed class AddressRule
{
    public required Guid Id { get; init; }

    /// <summary>In its shortest form, with its length: <c>203.0.113.0/24</c>, <c>2001:db8::/32</c>.</summary>
    public required string Cidr { get; init; }
    public required AddressRuleKind Kind { get; init; }
    public required string Note { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: until it is taken away.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AddressRule>
    {
        public void Configure(EntityTypeBuilder<AddressRule> builder)
        {
            builder.ToTable("address_rules", "network");
            builder.Property(r => r.Cidr).HasMaxLength(50);
            builder.Property(r => r.Note).HasMaxLength(200);
            builder.HasIndex(r => new { r.Cidr, r.Kind }).IsUnique();
        }
    }
}
