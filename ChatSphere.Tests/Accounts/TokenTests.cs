using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

/// <summary>RFC 8725: nothing in a token's header makes us trust it.</summary>
public sealed class TokenTests(ChatSphereApp app)
{
    [Theory]
    [InlineData("alg-none")]
    [InlineData("alg-None-unsigned")]
    [InlineData("hmac-with-public-key")]
    [InlineData("embedded-jwk")]
    [InlineData("kid-path")]
    [InlineData("kid-huge")]
    [InlineData("other-subject")]
    [InlineData("no-type")]
    [InlineData("signature-cut")]
    [InlineData("der-signature")]
    [InlineData("two-parts")]
    [InlineData("not-json")]
    [InlineData("refresh-token")]
    public async Task A_forged_token_opens_nothing(string forgery)
    {
        var ann = await app.SomebodyAsync();
        var keys = JsonNode.Parse(await ann.Client.GetStringAsync("/.well-known/jwks.json"))!["keys"]![0]!;
        var parts = ann.Tokens.AccessToken.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = own.ExportParameters(false).Q;
        var forged = forgery switch
        {
            "alg-none" => Join(With(header, "alg", "none"), claims) + ".",
            "alg-None-unsigned" => $"{Join(With(header, "alg", "None"), claims)}.{parts[2]}",
            "hmac-with-public-key" => Hmac(Join(With(header, "alg", "HS256"), claims), keys.ToJsonString()),
            "embedded-jwk" => Sign(own, Join(With(With(header, "kid", "mine"), "jwk", new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) }), claims)),
            "kid-path" => Sign(own, Join(With(header, "kid", "../../dev/null"), claims)),
            "kid-huge" => Sign(own, Join(With(header, "kid", new string('k', 3000)), claims)),
            "other-subject" => $"{Join(header, With(claims, "sub", Guid.NewGuid().ToString()))}.{parts[2]}",
            "no-type" => Sign(own, Join(With(header, "typ", "JWT"), claims)),
            "signature-cut" => ann.Tokens.AccessToken[..^10],
            "der-signature" => $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(own.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}",
            "two-parts" => $"{parts[0]}.{parts[1]}",
            "not-json" => $"{Base64Url.EncodeToString("[1"u8)}.{parts[1]}.{parts[2]}",
            _ => ann.Tokens.RefreshToken,
        };
        await ann.SendAsync(HttpMethod.Get, "/v1/accounts/me", configure: r => r.Headers.Authorization = new("Bearer", forged)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
    }

    [Fact]
    public async Task The_published_keys_verify_our_tokens()
    {
        var ann = await app.SomebodyAsync();
        var parts = ann.Tokens.AccessToken.Split('.');
        var kid = (string)JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!["kid"]!;
        var key = JsonNode.Parse(await ann.Client.GetStringAsync("/.well-known/jwks.json"))!["keys"]!.AsArray().Single(k => (string)k!["kid"]! == kid)!;
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars((string)key["x"]!), Y = Base64Url.DecodeFromChars((string)key["y"]!) } });
        Assert.True(ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Assert.Null(key["d"]);
        var claims = JsonSerializer.Deserialize<JsonObject>(Base64Url.DecodeFromChars(parts[1]))!;
        Assert.Equal(600, (long)claims["exp"]! - (long)claims["iat"]!);
    }

    [Fact]
    public async Task A_token_in_the_address_is_not_looked_at()
    {
        var ann = await app.SomebodyAsync();
        await ann.Client.GetAsync($"/v1/accounts/me?access_token={ann.Tokens.AccessToken}").RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
    }

    private static JsonObject With(JsonObject json, string name, JsonNode value)
    {
        var copy = json.DeepClone().AsObject();
        copy[name] = value;
        return copy;
    }

    private static string Join(JsonObject header, JsonObject claims) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";

    private static string Sign(ECDsa key, string signed) =>
        $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";

    private static string Hmac(string signed, string secret) => $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)))}";
}
