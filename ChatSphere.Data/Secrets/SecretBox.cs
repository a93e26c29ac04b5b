using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Secrets;

public sealed class EncryptionOptions
{
    public const string Section = "Encryption";

    /// <summary>Any text of 32 characters or more, the same for every program of a deployment. The key with the id <c>default</c>. Losing it makes what it sealed unreadable.</summary>
    public string? Key { get; set; }

    /// <summary>More keys, by ids of <c>a-z0-9-</c>.</summary>
    public Dictionary<string, string?> Keys { get; } = [];

    /// <summary>The id of the key that new values are sealed under. Needed when there are several and none is <see cref="Key"/>.</summary>
    public string? ActiveKey { get; set; }

    /// <summary>A JSON file with keys, readable by its owner and group only.</summary>
    public string? KeysFile { get; set; }

    /// <summary>Whether what people wrote and uploaded is sealed too, and not only secrets. See docs/encryption.md for what stays readable.</summary>
    public bool Content { get; set; }

    /// <summary>Whether a Worker seals anew, in the background, what is not as this configuration wants it.</summary>
    public bool Reencrypt { get; set; } = true;

    public EncryptionKeys ReadKeys()
    {
        var keys = EncryptionKeys.From(Key, Keys, ActiveKey, KeysFile);
        return keys.ActiveId is null ? throw new InvalidOperationException("Set Encryption:Key to a secret of at least 32 characters.") : keys;
    }

    internal sealed class Validation : IValidateOptions<EncryptionOptions>
    {
        public ValidateOptionsResult Validate(string? name, EncryptionOptions options)
        {
            try
            {
                options.ReadKeys();
                return ValidateOptionsResult.Success;
            }
            catch (InvalidOperationException e)
            {
                return ValidateOptionsResult.Fail(e.Message);
            }
        }
    }
}

/// <summary>A value was sealed under a key that is not configured. Nothing is wrong with the value: with the key it opens.</summary>
public sealed class MissingEncryptionKeyException(string keyId) : InvalidOperationException(
    $"Something stored was sealed under the encryption key \"{keyId}\", which is not configured. Set {EncryptionKeys.SettingOf(keyId)} again; it may be removed only when "
    + "`ChatSphere.Worker reencrypt --verify` says that nothing is left under it.")
{
    public string KeyId { get; } = keyId;
}

/// <summary>
/// AES-256-GCM under keys made from the configured ones by HKDF, one for each purpose. Layout 1: version, nonce (12), tag (16), ciphertext, under the key
/// <c>default</c>; layout 2: version, length of the key's id, the id, and then the same, with what stands before the nonce authenticated.
/// </summary>
public sealed class SecretBox(IOptions<EncryptionOptions> options)
{
    private const byte Version = 1;
    private const byte KeyedVersion = 2;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly EncryptionKeys _keys = options.Value.ReadKeys();
    private readonly ConcurrentDictionary<(string Id, string Purpose), byte[]> _derived = new();

    /// <summary>The key that new values are sealed under.</summary>
    public string ActiveKeyId => _keys.ActiveId!;

    /// <summary>All that are configured, the active one first.</summary>
    public IEnumerable<string> KeyIds => _keys.Texts.Keys.OrderBy(id => id != ActiveKeyId).ThenBy(id => id, StringComparer.Ordinal);

    /// <summary>
    /// A key of its own for each purpose, so that what is made for one is worthless for another. Made from the active key, so it changes with a rotation: what has to
    /// outlast that is checked with <see cref="DeriveKeys"/>.
    /// </summary>
    public byte[] DeriveKey(string purpose, int size = 32) => Derive(ActiveKeyId, purpose, size);

    /// <summary>The same from every configured key, the active one first.</summary>
    public IEnumerable<byte[]> DeriveKeys(string purpose, int size = 32) => KeyIds.Select(id => Derive(id, purpose, size));

    public byte[] Protect(string purpose, ReadOnlySpan<byte> plain) => Protect(ActiveKeyId, purpose, plain);

    /// <exception cref="MissingEncryptionKeyException">Its key is not configured.</exception>
    /// <exception cref="CryptographicException">Changed, or written under another purpose.</exception>
    public byte[] Unprotect(string purpose, ReadOnlySpan<byte> sealed_)
    {
        if (!TryReadHeader(sealed_, out var keyId, out var header) || sealed_.Length < header + NonceSize + TagSize)
        {
            throw new CryptographicException("Not a value that this version has sealed.");
        }

        var body = sealed_[header..];
        var plain = new byte[body.Length - NonceSize - TagSize];
        using var aes = new AesGcm(KeyFor(keyId, purpose), TagSize);
        aes.Decrypt(body[..NonceSize], body[(NonceSize + TagSize)..], body.Slice(NonceSize, TagSize), plain, header == 1 ? [] : sealed_[..header]);
        return plain;
    }

    /// <summary>The id of the key that a value was sealed under; null for what is none of ours.</summary>
    public static string? KeyIdOf(ReadOnlySpan<byte> sealed_) => TryReadHeader(sealed_, out var keyId, out _) ? keyId : null;

    /// <summary>What every value begins with that is sealed under this key.</summary>
    public static byte[] PrefixOf(string keyId) => keyId == EncryptionKeys.DefaultId ? [Version] : [KeyedVersion, (byte)keyId.Length, .. Encoding.ASCII.GetBytes(keyId)];

    /// <summary>A key for one purpose from one configured key, for formats that carry the id themselves.</summary>
    /// <exception cref="MissingEncryptionKeyException"/>
    public byte[] KeyFor(string keyId, string purpose) => _derived.GetOrAdd((keyId, purpose), static (key, box) => box.Derive(key.Id, key.Purpose, 32), this);

    internal byte[] Protect(string keyId, string purpose, ReadOnlySpan<byte> plain)
    {
        var prefix = PrefixOf(keyId);
        var result = new byte[prefix.Length + NonceSize + TagSize + plain.Length];
        prefix.CopyTo(result, 0);
        var body = result.AsSpan(prefix.Length);
        RandomNumberGenerator.Fill(body[..NonceSize]);
        using var aes = new AesGcm(KeyFor(keyId, purpose), TagSize);

        // As ever for the default key, so that a version without key ids reads it.
        aes.Encrypt(body[..NonceSize], plain, body[(NonceSize + TagSize)..], body.Slice(NonceSize, TagSize), prefix.Length == 1 ? [] : prefix);
        return result;
    }

    private byte[] Derive(string keyId, string purpose, int size) => _keys.Texts.TryGetValue(keyId, out var text)
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(text), size, info: Encoding.UTF8.GetBytes(purpose))
        : throw new MissingEncryptionKeyException(keyId);

    private static bool TryReadHeader(ReadOnlySpan<byte> sealed_, out string keyId, out int length)
    {
        (keyId, length) = (EncryptionKeys.DefaultId, 1);
        if (sealed_.Length > 0 && sealed_[0] == Version)
        {
            return true;
        }

        if (sealed_.Length < 3 || sealed_[0] != KeyedVersion || sealed_.Length < 2 + sealed_[1])
        {
            return false;
        }

        length = 2 + sealed_[1];
        keyId = Encoding.ASCII.GetString(sealed_[2..length]);
        return true;
    }
}
