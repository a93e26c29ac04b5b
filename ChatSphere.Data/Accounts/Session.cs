using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>One signed-in client: the family of refresh tokens that began with one sign-in. Access tokens carry its id as <c>sid</c>.</summary>
public sealed class Session
{
    private Session()
    {
    }

    public Guid Id { get; private init; }
    public Guid AccountId { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>However often it is refreshed, it ends here.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary><c>signed_out</c>, <c>ended</c> from another one, <c>password_changed</c> or <c>token_reused</c>.</summary>
    public string? RevokedBecause { get; private set; }

    /// <summary>When the person last proved who they are; sensitive changes ask that this be recent.</summary>
    public DateTimeOffset AuthenticatedAt { get; set; }

    /// <summary>How, by RFC 8176: <c>pwd</c>, <c>otp</c>, <c>hwk</c>, <c>fed</c>, <c>rec</c>.</summary>
    public List<string> Methods { get; private init; } = [];

    /// <summary>Browser and system as the client named itself, shortened.</summary>
    public string Device { get; private init; } = "";

    /// <summary>The network of the last use: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.</summary>
    public string? Network { get; private set; }
    public DateTimeOffset LastUsedAt { get; private set; }

    public static Session Start(Guid accountId, DateTimeOffset now, TimeSpan lifetime, IEnumerable<string> methods, string device, string? network) => new()
    {
        AuthenticatedAt = now,
        Methods = [.. methods],
        Device = device,
        Network = network,
        LastUsedAt = now,
        Id = Guid.CreateVersion7(now),
        AccountId = accountId,
        CreatedAt = now,
        ExpiresAt = now + lifetime,
    };

    public void Used(string? network, DateTimeOffset now)
    {
        LastUsedAt = now;
        Network = network ?? Network;
    }

    public void Revoke(string because, DateTimeOffset now)
    {
        RevokedAt ??= now;
        RevokedBecause ??= because;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> builder)
        {
            builder.ToTable("sessions", "accounts");
            builder.Property(s => s.RevokedBecause).HasMaxLength(32);
            builder.Property(s => s.Device).HasMaxLength(200);
            builder.Property(s => s.Network).HasMaxLength(64);
            builder.HasIndex(s => s.AccountId);
            builder.HasIndex(s => s.ExpiresAt);
            builder.HasOne<Account>().WithMany().HasForeignKey(s => s.AccountId);
        }
    }
}

/// <summary>One link of a session's chain. Used once, it names its successor, so that a repeat within the grace gets the same one and a later repeat is recognised as theft.</summary>
public sealed class RefreshToken
{
    private RefreshToken()
    {
    }

    public Guid Id { get; private init; }
    public Guid SessionId { get; private init; }

    /// <summary>SHA-256 of the secret part; the secret itself is nowhere.</summary>
    public byte[] SecretHash { get; private init; } = [];
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset ExpiresAt { get; private init; }
    public DateTimeOffset? UsedAt { get; private init; }
    public Guid? SuccessorId { get; private init; }

    public static RefreshToken Create(Guid id, Guid sessionId, byte[] secretHash, DateTimeOffset now, DateTimeOffset expiresAt) => new()
    {
        Id = id,
        SessionId = sessionId,
        SecretHash = secretHash,
        CreatedAt = now,
        ExpiresAt = expiresAt,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<RefreshToken>
    {
        public void Configure(EntityTypeBuilder<RefreshToken> builder)
        {
            builder.ToTable("refresh_tokens", "accounts");
            builder.HasIndex(t => t.SessionId);
            builder.HasOne<Session>().WithMany().HasForeignKey(t => t.SessionId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
