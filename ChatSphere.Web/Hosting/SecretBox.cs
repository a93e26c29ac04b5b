using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using ChatSphere.Data.Secrets;

namespace ChatSphere.Web.Hosting;

/// <summary>
/// AES-256-GCM under keys derived by HKDF from those of <c>Encryption</c>. Layout 1: version, nonce (12), tag (16), ciphertext, under <c>Encryption:Key</c>; layout 2
/// has the length of the key's id and the id behind the version.
/// </summary>
public sealed class SecretBox
{
    private const byte Version = 1;
    private const byte KeyedVersion = 2;
    private readonly FrozenDictionary<string, byte[]> masters;
    private readonly string activeId;

    public SecretBox(IConfiguration configuration)
    {
        var section = configuration.GetSection("Encryption");
        var keys = EncryptionKeys.From(section["Key"], section.GetSection("Keys").GetChildren().Select(k => KeyValuePair.Create(k.Key, k.Value)), section["ActiveKey"], section["KeysFile"]);
        IsConfigured = keys.ActiveId is not null;
        activeId = keys.ActiveId ?? EncryptionKeys.DefaultId;
        masters = keys.Texts.ToFrozenDictionary(k => k.Key, k => Decode(k.Value), StringComparer.Ordinal);
    }

    public bool IsConfigured { get; }

    /// <summary>Tells deployments apart without telling anything of the key. The first key's, so that a rotation by a second one does not change it.</summary>
    public string Fingerprint => IsConfigured
        ? Convert.ToHexStringLower(KeyFor(masters.ContainsKey(EncryptionKeys.DefaultId) ? EncryptionKeys.DefaultId : masters.Keys.Min(StringComparer.Ordinal)!, "fingerprint").AsSpan(0, 5))
        : "open";

    /// <param name="purpose">Separates the keys of different uses.</param>
    /// <param name="context">What the value belongs to; a value moved to another place does not open.</param>
    public byte[] Seal(string purpose, string context, ReadOnlySpan<byte> plain)
    {
        byte[] prefix = activeId == EncryptionKeys.DefaultId ? [Version] : [KeyedVersion, (byte)activeId.Length, .. Encoding.ASCII.GetBytes(activeId)];
        var sealedBytes = new byte[prefix.Length + 28 + plain.Length];
        prefix.CopyTo(sealedBytes, 0);
        var body = sealedBytes.AsSpan(prefix.Length);
        RandomNumberGenerator.Fill(body[..12]);
        using var aes = new AesGcm(KeyFor(activeId, purpose), 16);
        aes.Encrypt(body[..12], plain, body[28..], body[12..28], Encoding.UTF8.GetBytes(context));
        return sealedBytes;
    }

    /// <returns>Null when the value was sealed under a key that is not configured, or is not ours.</returns>
    public byte[]? Open(string purpose, string context, ReadOnlySpan<byte> sealedBytes)
    {
        if (!TryReadHeader(sealedBytes, out var keyId, out var header) || sealedBytes.Length < header + 28 || !masters.ContainsKey(keyId))
        {
            return null;
        }

        var body = sealedBytes[header..];
        var plain = new byte[body.Length - 28];
        using var aes = new AesGcm(KeyFor(keyId, purpose), 16);
        try
        {
            aes.Decrypt(body[..12], body[28..], body[12..28], plain, Encoding.UTF8.GetBytes(context));
            return plain;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether a value of ours was sealed under another key than new ones are.</summary>
    public bool IsOutdated(ReadOnlySpan<byte> sealedBytes) => TryReadHeader(sealedBytes, out var keyId, out _) && keyId != activeId;

    private static bool TryReadHeader(ReadOnlySpan<byte> sealedBytes, out string keyId, out int length)
    {
        (keyId, length) = (EncryptionKeys.DefaultId, 1);
        if (sealedBytes.Length > 0 && sealedBytes[0] == Version)
        {
            return true;
        }

        if (sealedBytes.Length < 3 || sealedBytes[0] != KeyedVersion || sealedBytes.Length < 2 + sealedBytes[1])
        {
            return false;
        }

        length = 2 + sealedBytes[1];
        keyId = Encoding.ASCII.GetString(sealedBytes[2..length]);
        return true;
    }

    private byte[] KeyFor(string keyId, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masters[keyId], 32, salt: null, info: Encoding.UTF8.GetBytes("chatsphere.web/" + purpose));

    private static byte[] Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length >= 32 ? bytes[..length] : Encoding.UTF8.GetBytes(text);
    }
}
