using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>A long-lived credential for programs: <c>csk_</c> and 48 bytes in base64url, the id and a secret. What it may do is its scopes and its owner's permissions together.</summary>
public sealed class ApiKey
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required string Name { get; set; }

    /// <summary>Names from the catalogue of permissions.</summary>
    public required List<string> Scopes { get; init; }

    /// <summary>SHA-256 of the secret part; the secret itself was shown once and is nowhere.</summary>
    public required byte[] SecretHash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: works until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> builder)
        {
            builder.ToTable("api_keys", "accounts");
            builder.Property(k => k.Name).HasMaxLength(80);
            builder.HasIndex(k => k.AccountId);
            builder.HasOne<Account>().WithMany().HasForeignKey(k => k.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
