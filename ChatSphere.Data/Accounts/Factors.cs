using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>An account's authenticator app (RFC 6238). One row an account; it may be pending, in use, or in use with a replacement pending.</summary>
public sealed class AuthenticatorApp
{
    public required Guid AccountId { get; init; }

    /// <summary>The shared secret, sealed. Null until a code has confirmed that the app has it.</summary>
    public byte[]? SealedSecret { get; init; }

    /// <summary>A secret that is shown and not yet confirmed, sealed.</summary>
    public byte[]? SealedPending { get; init; }
    public DateTimeOffset? PendingSince { get; init; }
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The time step of the last code that was taken. Only later ones are, so none works twice.</summary>
    public long LastStep { get; init; }

    /// <summary>Tries since the last right code.</summary>
    public int Failures { get; init; }

    /// <summary>No code is looked at before this. Other ways, recovery codes and passkeys, stay open to the owner.</summary>
    public DateTimeOffset? BlockedUntil { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<AuthenticatorApp>
    {
        public void Configure(EntityTypeBuilder<AuthenticatorApp> builder)
        {
            builder.ToTable("authenticator_apps", "accounts");
            builder.HasKey(a => a.AccountId);
            builder.HasOne<Account>().WithOne().HasForeignKey<AuthenticatorApp>(a => a.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A code that stands in for the app once.</summary>
public sealed class RecoveryCode
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }

    /// <summary>SHA-256 of the account's id and the code.</summary>
    public required byte[] Hash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<RecoveryCode>
    {
        public void Configure(EntityTypeBuilder<RecoveryCode> builder)
        {
            builder.ToTable("recovery_codes", "accounts");
            builder.HasIndex(c => new { c.AccountId, c.Hash }).IsUnique();
            builder.HasOne<Account>().WithMany().HasForeignKey(c => c.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What Identity's own record of a passkey has no place for.</summary>
public sealed class PasskeyUse
{
    /// <summary>Ours, for addresses: a credential's id may be a kilobyte long.</summary>
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required byte[] CredentialId { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<PasskeyUse>
    {
        public void Configure(EntityTypeBuilder<PasskeyUse> builder)
        {
            builder.ToTable("passkey_uses", "accounts");
            builder.HasIndex(p => p.CredentialId).IsUnique();
            builder.HasIndex(p => p.AccountId);
            builder.HasOne<IdentityUserPasskey<Guid>>().WithOne().HasForeignKey<PasskeyUse>(p => p.CredentialId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Account>().WithMany().HasForeignKey(p => p.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class FactorQueries
{
    /// <summary>A role of theirs requires a second factor.</summary>
    public static Task<bool> RequiresFactorAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) =>
        db.RolesOf(accountId).AnyAsync(r => r.RequiresMfa, cancellationToken);

    /// <summary>For the rest of the transaction nobody else changes what opens this account: two removals never each leave the other's factor as the last one.</summary>
    public static Task LockAccountAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select 1 from accounts.accounts where id = {accountId} for no key update", cancellationToken);
}
