using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Secrets;

public sealed class EncryptionOptions
{
    public const string Section = "Encryption";

    /// <summary>Any text of 32 characters or more, the same for every program of a deployment. Losing it makes stored secrets unreadable.</summary>
    [Required(ErrorMessage = "Set Encryption:Key to a secret of at least 32 characters.")]
    [MinLength(32, ErrorMessage = "Encryption:Key must have at least 32 characters.")]
    public string Key { get; set; } = "";
}

/// <summary>AES-256-GCM under a key made from <see cref="EncryptionOptions.Key"/> by HKDF, one for each purpose. Layout: version 1, nonce (12), tag (16), ciphertext.</summary>
public sealed class SecretBox(IOptions<EncryptionOptions> options)
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.Value.Key);

    /// <summary>A key of its own for each purpose, so that what is made for one is worthless for another.</summary>
    public byte[] DeriveKey(string purpose, int size = 32) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, size, info: Encoding.UTF8.GetBytes(purpose));

    public byte[] Protect(string purpose, ReadOnlySpan<byte> plain)
    {
        var result = new byte[1 + NonceSize + TagSize + plain.Length];
        result[0] = Version;
        var nonce = result.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(DeriveKey(purpose), TagSize);
        aes.Encrypt(nonce, plain, result.AsSpan(1 + NonceSize + TagSize), result.AsSpan(1 + NonceSize, TagSize));
        return result;
    }

    /// <exception cref="CryptographicException">Changed, or written under another key or purpose.</exception>
    public byte[] Unprotect(string purpose, ReadOnlySpan<byte> sealed_)
    {
        if (sealed_.Length < 1 + NonceSize + TagSize || sealed_[0] != Version)
        {
            throw new CryptographicException("Not a value that this version has sealed.");
        }

        var plain = new byte[sealed_.Length - 1 - NonceSize - TagSize];
        using var aes = new AesGcm(DeriveKey(purpose), TagSize);
        aes.Decrypt(sealed_.Slice(1, NonceSize), sealed_[(1 + NonceSize + TagSize)..], sealed_.Slice(1 + NonceSize, TagSize), plain);
        return plain;
    }
}
