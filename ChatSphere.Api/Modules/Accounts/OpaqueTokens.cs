using System.Buffers.Text;
using System.Security.Cryptography;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Secrets that we hand out and know again by a hash: an id and 32 random bytes, together 48 bytes in base64url.</summary>
internal static class OpaqueTokens
{
    public static (string Token, byte[] Hash) Create(Guid id)
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        return (Base64Url.EncodeToString([.. id.ToByteArray(bigEndian: true), .. secret]), SHA256.HashData(secret));
    }

    public static bool TryRead(ReadOnlySpan<char> token, out Guid id, out byte[] hash)
    {
        (id, hash) = (Guid.Empty, []);
        Span<byte> bytes = stackalloc byte[48];
        if (!Base64Url.IsValid(token, out var length) || length != 48 || !Base64Url.TryDecodeFromChars(token, bytes, out _))
        {
            return false;
        }

        id = new Guid(bytes[..16], bigEndian: true);
        hash = SHA256.HashData(bytes[16..]);
        return true;
    }
}
