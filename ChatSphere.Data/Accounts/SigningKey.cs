using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>A key that signs access tokens. Published before it signs, kept for checking until every token that it signed has expired.</summary>
public sealed class SigningKey
{
    /// <summary>The <c>kid</c> in token headers.</summary>
    public required string Id { get; init; }

    /// <summary>PKCS#8, encrypted with AES-256-GCM under the deployment's encryption key.</summary>
    public required byte[] ProtectedPrivateKey { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset SignsUntil { get; init; }
    public required DateTimeOffset TrustedUntil { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SigningKey>
    {
        public void Configure(EntityTypeBuilder<SigningKey> builder)
        {
            builder.ToTable("signing_keys", "accounts");
            builder.Property(k => k.Id).HasMaxLength(64);
        }
    }
}
