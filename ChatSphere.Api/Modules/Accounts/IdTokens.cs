using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Checks id tokens by OpenID Connect Core 3.1.3.7 and RFC 8725.</summary>
internal static class IdTokens
{
    private const int MaxLength = 16_384;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(15);

    /// <summary>The claims; or, in a word, which check failed.</summary>
    public static async Task<(JsonElement? Claims, string? Problem)> CheckAsync(
        string token, ExternalProvider provider, ProviderMetadata metadata, string nonce, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var parts = token.Length > MaxLength ? [] : token.Split('.');
        if (parts.Length != 3 || Parse(parts[0]) is not { } header || Parse(parts[1]) is not { } claims || !Base64Url.IsValid(parts[2]))
        {
            return (null, "shape");
        }

        if (Json.Text(header, "alg") is not ("RS256" or "ES256") || header.TryGetProperty("crit", out _))
        {
            return (null, "algorithm");
        }

        var key = await provider.KeyAsync(Json.Text(header, "kid"), Json.Text(header, "alg")!, cancellationToken);
        if (key is null || !key.Verifies(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2])))
        {
            return (null, key is null ? "key" : "signature");
        }

        var issuer = metadata.Issuer.Contains("{tenantid}", StringComparison.Ordinal) && Guid.TryParseExact(Json.Text(claims, "tid"), "D", out _)
            ? metadata.Issuer.Replace("{tenantid}", Json.Text(claims, "tid"), StringComparison.Ordinal)
            : metadata.Issuer;
        var client = provider.Options.ClientId;
        var audiences = Audiences(claims);
        var problem =
            Json.Text(claims, "iss") != issuer ? "issuer"
            : !audiences.Contains(client) ? "audience"
            : (audiences.Count > 1 || claims.TryGetProperty("azp", out _)) && Json.Text(claims, "azp") != client ? "authorized party"
            : Time(claims, "exp") is not { } expires || expires + Skew <= now ? "expiry"
            : Time(claims, "iat") is not { } issued || issued - Skew > now || issued + MaxAge < now ? "time of issue"
            : claims.TryGetProperty("nbf", out _) && (Time(claims, "nbf") is not { } begins || begins - Skew > now) ? "time of beginning"
            : Json.Text(claims, "nonce") != nonce ? "nonce"
            : Json.Text(claims, "sub") is not { Length: > 0 and <= 255 } ? "subject"
            : null;
        return problem is null ? (claims, null) : (null, problem);
    }

    public static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is > 0 and < 253_402_300_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static List<string> Audiences(JsonElement claims) => !claims.TryGetProperty("aud", out var aud) ? []
        : aud.ValueKind == JsonValueKind.String ? [aud.GetString()!]
        : aud.ValueKind == JsonValueKind.Array ? [.. aud.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)]
        : [];

    private static JsonElement? Parse(string part)
    {
        try
        {
            if (!Base64Url.IsValid(part))
            {
                return null;
            }

            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(part), new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
