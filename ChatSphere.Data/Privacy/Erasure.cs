using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Privacy;

public enum ErasureState
{
    Waiting,
    Running,
    Cancelled,
    Done,
}

/// <summary>
/// That an account is to be erased. From the request on it is disabled; after a grace period, and once no legal hold is on it, the Worker erases it module by module.
/// States change by conditional updates only, so a cancellation and the beginning of the work cannot both win.
/// </summary>
public sealed class Erasure
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }

    /// <summary>The account itself, or an administrator.</summary>
    public required Guid RequestedBy { get; init; }
    public string? Reason { get; init; }
    public ErasureState State { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>SHA-256 of the secret in the link that cancels it; null: no link was sent.</summary>
    public byte[]? CancelHash { get; init; }

    /// <summary>Whether the account was disabled before, and is to be so again after a cancellation.</summary>
    public DateTimeOffset? DisabledBefore { get; init; }

    /// <summary>Where to say that it is done, sealed; null when it has been said.</summary>
    public byte[]? SealedAddress { get; init; }

    /// <summary>Sections that are done, in the order in which they were.</summary>
    public List<string> DoneSections { get; init; } = [];
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>Once more then, for what requests wrote that were under way when the account was disabled. Null: that has been done.</summary>
    public DateTimeOffset? RepeatAt { get; init; }

    /// <summary>A secret for a link, with the id of the erasure in it: 48 bytes in base64url.</summary>
    public static (string Token, byte[] Hash) NewCancelToken(Guid id)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        return (Base64Url.EncodeToString([.. id.ToByteArray(bigEndian: true), .. secret]), SHA256.HashData(secret));
    }

    public static bool TryReadCancelToken(string token, out Guid id, out byte[] hash)
    {
        (id, hash) = (Guid.Empty, []);
        Span<byte> bytes = stackalloc byte[48];
        if (!Base64Url.IsValid(token, out var length) || length != bytes.Length || !Base64Url.TryDecodeFromChars(token, bytes, out _))
        {
            return false;
        }

        id = new Guid(bytes[..16], bigEndian: true);
        hash = SHA256.HashData(bytes[16..]);
        return true;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Erasure>
    {
        public void Configure(EntityTypeBuilder<Erasure> builder)
        {
            builder.ToTable("erasures", "privacy");
            builder.Property(e => e.Reason).HasMaxLength(400);

            // Two requests at once: one is told that the other was first.
            builder.HasIndex(e => e.AccountId).IsUnique().HasFilter("state in ('Waiting','Running')").HasDatabaseName("ix_erasures_open");
            builder.HasIndex(e => e.DueAt).HasFilter("state in ('Waiting','Running')").HasDatabaseName("ix_erasures_due");
            builder.HasIndex(e => e.RepeatAt).HasFilter("repeat_at is not null");
        }
    }
}

/// <summary>That an account has been erased, in the database. The same is written to a file that a restore of the database does not take back: see <see cref="PurgeJournal"/>.</summary>
public sealed class PurgeEntry
{
    public required Guid AccountId { get; init; }
    public required DateTimeOffset At { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PurgeEntry>
    {
        public void Configure(EntityTypeBuilder<PurgeEntry> builder)
        {
            builder.ToTable("purge_journal", "privacy");
            builder.HasKey(e => e.AccountId);
        }
    }
}
