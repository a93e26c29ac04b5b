using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ChatSphere.Api.Modules.Plans;

/// <summary>Signatures as Standard Webhooks define them: HMAC-SHA256 over <c>id.timestamp.body</c>, in <c>webhook-signature: v1,&lt;base64&gt; v1,…</c>.</summary>
internal static class PaymentSignature
{
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private const string Version = "v1,";
    private const int MaxSignatures = 10;
    private const int MaxId = 200;

    /// <summary>Whether one of the keys signed this, now. Takes as long for a signature that is nearly right as for any other.</summary>
    public static bool IsValid(string id, string timestamp, string signatures, ReadOnlySpan<byte> body, IEnumerable<byte[]> keys, DateTimeOffset now)
    {
        if (id.Length is 0 or > MaxId || id.Any(c => c is <= ' ' or >= '\x7f')
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            || (now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance)
        {
            return false;
        }

        var given = signatures.Split(' ', MaxSignatures + 1, StringSplitOptions.RemoveEmptyEntries).Take(MaxSignatures).Select(Read).ToList();
        var valid = false;
        foreach (var key in keys)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(Encoding.ASCII.GetBytes($"{id}.{timestamp}."));
            hmac.AppendData(body);
            var expected = hmac.GetHashAndReset();
            foreach (var signature in given)
            {
                valid |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return valid;
    }

    /// <summary>Empty for what is no signature of the version that we know.</summary>
    private static byte[] Read(string signature)
    {
        var bytes = new byte[HMACSHA256.HashSizeInBytes];
        return signature.StartsWith(Version, StringComparison.Ordinal) && Base64.IsValid(signature.AsSpan(Version.Length), out var length) && length == bytes.Length
            && Convert.TryFromBase64String(signature[Version.Length..], bytes, out _) ? bytes : [];
    }
}
