using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>A public key of a provider (RFC 7517), good for one algorithm: RS256 or ES256, as its own type says, whatever a token's header claims.</summary>
internal sealed class ProviderKey
{
    private const int MaxKeys = 50;
    private readonly RSAParameters? _rsa;
    private readonly ECParameters? _ec;

    private ProviderKey(string? id, RSAParameters? rsa, ECParameters? ec) => (Id, _rsa, _ec) = (id, rsa, ec);

    public string? Id { get; }

    public string Algorithm => _rsa is null ? "ES256" : "RS256";

    public static IReadOnlyList<ProviderKey> Read(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Take(MaxKeys).Select(ReadOne).OfType<ProviderKey>()]
            : [];

    public bool Verifies(byte[] signed, byte[] signature)
    {
        try
        {
            if (_rsa is { } parameters)
            {
                using var rsa = RSA.Create(parameters);
                return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }

            using var ecdsa = ECDsa.Create(_ec!.Value);
            return ecdsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            // The key is none, a point off the curve for instance.
            return false;
        }
    }

    private static ProviderKey? ReadOne(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || (Json.Text(key, "use") ?? "sig") != "sig")
        {
            return null;
        }

        var id = Json.Text(key, "kid");
        var algorithm = Json.Text(key, "alg");
        return Json.Text(key, "kty") switch
        {
            // Below 2048 bits RSA is not worth the name.
            "RSA" when algorithm is null or "RS256" && Bytes(key, "n") is { Length: >= 256 and <= 1024 } n && Bytes(key, "e") is { Length: >= 1 and <= 8 } e => new(id, new RSAParameters { Modulus = n, Exponent = e }, null),
            "EC" when algorithm is null or "ES256" && Json.Text(key, "crv") == "P-256" && Bytes(key, "x") is { Length: 32 } x && Bytes(key, "y") is { Length: 32 } y =>
                new(id, null, new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } }),
            _ => null,
        };
    }

    private static byte[]? Bytes(JsonElement key, string name) => Json.Text(key, name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
