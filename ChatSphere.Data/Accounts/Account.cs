using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

public enum AccountKind
{
    Person,

    /// <summary>A program's: never signs in, has API keys only.</summary>
    Service,
}

/// <summary>A person who signs in, or a program that has keys.</summary>
public sealed class Account : IdentityUser<Guid>
{
    public AccountKind Kind { get; init; }
    public string DisplayName { get; set; } = "";
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Set: signs in no more, and every session has ended.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>Set: nobody's any more. The row stays for the ids that others keep, with nothing in it that says who it was.</summary>
    public DateTimeOffset? ErasedAt { get; init; }

    /// <summary>The provisioning client's own id (SCIM <c>externalId</c>).</summary>
    public string? ExternalId { get; set; }

    /// <summary>Set: the provisioning client has deleted it. Disabled, and hidden from that client; what it owns waits for an administrator's decision.</summary>
    public DateTimeOffset? DeprovisionedAt { get; set; }

    public static Account Create(string email, string displayName, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Email = email,
        UserName = email,
        DisplayName = displayName,
        CreatedAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<Account>
    {
        public void Configure(EntityTypeBuilder<Account> builder)
        {
            builder.Property(a => a.DisplayName).HasMaxLength(64);
            builder.Property(a => a.ExternalId).HasMaxLength(200);
            builder.HasIndex(a => a.NormalizedEmail).IsUnique();
            builder.HasIndex(a => a.ExternalId);
        }
    }
}
