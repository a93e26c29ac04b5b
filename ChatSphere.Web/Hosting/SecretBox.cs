using System.Security.Cryptography;
using System.Text;

namespace ChatSphere.Web.Hosting;

/// <summary>AES-256-GCM under keys derived by HKDF from <c>Encryption:Key</c>. Layout: version, nonce (12), tag (16), ciphertext.</summary>
public sealed class SecretBox
{
    private const byte Version = 1;
    private readonly byte[] master;

    public SecretBox(IConfiguration configuration)
    {
        var text = configuration["Encryption:Key"];
        IsConfigured = !string.IsNullOrWhiteSpace(text);
        master = IsConfigured ? Decode(text!) : [];
    }

    public bool IsConfigured { get; }

    /// <summary>Tells deployments apart without telling anything of the key.</summary>
    public string Fingerprint => IsConfigured ? Convert.ToHexStringLower(KeyFor("fingerprint").AsSpan(0, 5)) : "open";

    /// <param name="purpose">Separates the keys of different uses.</param>
    /// <param name="context">What the value belongs to; a value moved to another place does not open.</param>
    public byte[] Seal(string purpose, string context, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[1 + 12 + 16 + plain.Length];
        sealedBytes[0] = Version;
        var nonce = sealedBytes.AsSpan(1, 12);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(KeyFor(purpose), 16);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(29), sealedBytes.AsSpan(13, 16), Encoding.UTF8.GetBytes(context));
        return sealedBytes;
    }

    /// <returns>Null when the value was sealed under another key or is not ours.</returns>
    public byte[]? Open(string purpose, string context, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < 29 || sealedBytes[0] != Version)
        {
            return null;
        }

        var plain = new byte[sealedBytes.Length - 29];
        using var aes = new AesGcm(KeyFor(purpose), 16);
        try
        {
            aes.Decrypt(sealedBytes[1..13], sealedBytes[29..], sealedBytes[13..29], plain, Encoding.UTF8.GetBytes(context));
            return plain;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private byte[] KeyFor(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, salt: null, info: Encoding.UTF8.GetBytes("chatsphere.web/" + purpose));

    private static byte[] Decode(string text)
    {
        var bytes = new byte[text.Length];
        var key = Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length >= 32 ? bytes[..length] : Encoding.UTF8.GetBytes(text);
        return key.Length >= 32
            ? key
            : throw new InvalidOperationException("Encryption:Key is too short: set at least 32 random bytes, for example the output of `openssl rand -base64 32`.");
    }
}
