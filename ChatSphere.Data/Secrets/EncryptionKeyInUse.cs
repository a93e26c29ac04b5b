using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Data.Secrets;

/// <summary>That something in this database is, or may be, sealed under a key. What tells a missing or a wrong key at the start instead of at the first reader.</summary>
public sealed class EncryptionKeyInUse
{
    public required string Id { get; init; }

    /// <summary>A known value under the key: a wrong key does not open it.</summary>
    public required byte[] CheckValue { get; init; }

    /// <summary>What people wrote may be sealed under it.</summary>
    public required bool HoldsContent { get; init; }

    /// <summary>All that people wrote is sealed under it.</summary>
    public required bool HoldsAllContent { get; init; }
    public required DateTimeOffset FirstUsedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<EncryptionKeyInUse>
    {
        public void Configure(EntityTypeBuilder<EncryptionKeyInUse> builder)
        {
            builder.ToTable("keys_in_use", "encryption");
            builder.Property(k => k.Id).HasMaxLength(16);
        }
    }
}

/// <summary>Holds the configured keys against the database before anything is read or written with them.</summary>
public static class EncryptionCheck
{
    private const string Purpose = "encryption.check";
    private static readonly byte[] Known = "ChatSphere"u8.ToArray();

    /// <exception cref="MissingEncryptionKeyException">A key that something is sealed under is not configured.</exception>
    /// <exception cref="InvalidOperationException">A key is not the one that this database was written with.</exception>
    public static async Task EnsureKeysAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var box = scope.ServiceProvider.GetRequiredService<SecretBox>();
        var seal = scope.ServiceProvider.GetRequiredService<ContentSeal>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var before = await db.EncryptionKeysInUse.AsNoTracking().ToListAsync(cancellationToken);
        before.ForEach(k => Open(box, k.Id, () => box.Unprotect(Purpose, k.CheckValue)));
        if (before.Count == 0)
        {
            await TryAnythingSealedAsync(db, box, cancellationToken);
        }

        // Of two that start at once with different keys, the second is refused below.
        var check = box.Protect(Purpose, Known);
        await db.Database.ExecuteSqlAsync($"""
            insert into encryption.keys_in_use (id, check_value, holds_content, holds_all_content, first_used_at)
            values ({box.ActiveKeyId}, {check}, {seal.IsActive}, false, {now})
            on conflict (id) do update set holds_content = encryption.keys_in_use.holds_content or excluded.holds_content
            where excluded.holds_content and not encryption.keys_in_use.holds_content
            """, cancellationToken);
        if (!seal.IsActive)
        {
            // From now on plain text is written.
            await db.EncryptionKeysInUse.Where(k => k.HoldsAllContent).ExecuteUpdateAsync(k => k.SetProperty(x => x.HoldsAllContent, false), cancellationToken);
        }

        var inUse = await db.EncryptionKeysInUse.AsNoTracking().ToListAsync(cancellationToken);
        inUse.ForEach(k => Open(box, k.Id, () => box.Unprotect(Purpose, k.CheckValue)));
        seal.WordsMayBeHidden = inUse.Exists(k => k.HoldsContent);
    }

    /// <summary>A database from before there was this table: its own values must prove the key, or a wrong one would be written down as the right one.</summary>
    private static async Task TryAnythingSealedAsync(ChatSphereDb db, SecretBox box, CancellationToken cancellationToken)
    {
        var sealed_ = await db.SigningKeys.OrderByDescending(k => k.CreatedAt).Select(k => k.ProtectedPrivateKey).FirstOrDefaultAsync(cancellationToken);
        if (sealed_ is not null && SecretBox.KeyIdOf(sealed_) is { } keyId)
        {
            Open(box, keyId, () => box.Unprotect(SealedColumns.SigningKeys.Purpose, sealed_));
        }
    }

    private static void Open(SecretBox box, string keyId, Func<byte[]> open)
    {
        try
        {
            open();
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException($"{EncryptionKeys.SettingOf(keyId)} is not the key this database was written with. Set the right one; nothing has been changed.", e);
        }
    }
}
