using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>
/// Something handed out to be brought back once: a link in a mail, the ticket between password and second factor, a challenge for a passkey, the state of a sign-in
/// elsewhere. Good for one purpose only.
/// </summary>
public sealed class OneTimeToken
{
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="OneTimePurposes"/>.</summary>
    public required string Purpose { get; init; }

    /// <summary>Null: made before it is known who asks.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>SHA-256 of the secret part.</summary>
    public required byte[] SecretHash { get; init; }

    /// <summary>What its purpose needs to remember, sealed by the secret box.</summary>
    public byte[]? SealedState { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>Wrong codes brought with it.</summary>
    public int Failures { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<OneTimeToken>
    {
        public void Configure(EntityTypeBuilder<OneTimeToken> builder)
        {
            builder.ToTable("one_time_tokens", "accounts");
            builder.Property(t => t.Purpose).HasMaxLength(32);
            builder.HasIndex(t => new { t.AccountId, t.Purpose });
            builder.HasIndex(t => t.ExpiresAt);
            builder.HasOne<Account>().WithMany().HasForeignKey(t => t.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static partial class OneTimePurposes
{
    public const string Setup = "setup";
    public const string ConfirmEmail = "confirm_email";
    public const string ChangeEmail = "change_email";
    public const string ResetPassword = "reset_password";
    public const string SecondFactor = "second_factor";
    public const string PasskeyCreation = "passkey_creation";
    public const string PasskeyRequest = "passkey_request";
    public const string ExternalSignIn = "external_sign_in";
}
