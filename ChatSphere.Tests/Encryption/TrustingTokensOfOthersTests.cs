using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Data.Secrets;
using ChatSphere.Tests.Infrastructure;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Encryption;

/// <summary>Tokens signed with the deployment's own key, which only this system's tests can open: what is left to decide is what they say.</summary>
public sealed class TrustingTokensOfOthersTests(EncryptedApp app)
{
    [Theory]
    [InlineData("iss", "chatsphere", true)]
    [InlineData("iss", null, true)]
    [InlineData("iss", "https://elsewhere.example", false)]
    [InlineData("iss", "chatsphere-2", false)]
    [InlineData("iss", "", false)]
    [InlineData("aud", "another-api", false)]
    public async Task Who_is_named_as_issuer_must_be_this_deployment_or_what_it_called_itself_before(string claim, string? value, bool trusted)
    {
        var ann = await app.SomebodyAsync();
        var parts = ann.Tokens.AccessToken.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        if (value is not null)
        {
            claims[claim] = value;
        }

        var kid = (string)JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!["kid"]!;
        await using var database = await app.DatabaseAsync();
        var stored = (byte[])(await database.AskAsync("select protected_private_key from accounts.signing_keys where id = $1", kid))!;
        var box = new SecretBox(Options.Create(new EncryptionOptions { Keys = { ["a"] = EncryptedApp.Key }, ActiveKey = "a" }));
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(box.Unprotect(SealedColumns.SigningKeys.Purpose, stored), out _);
        var signed = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var token = $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";

        var asking = ann.SendAsync(HttpMethod.Get, "/v1/accounts/me", configure: r => r.Headers.Authorization = new("Bearer", token));
        if (trusted)
        {
            Assert.Equal(HttpStatusCode.OK, (await asking).StatusCode);
        }
        else
        {
            await asking.RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
        }
    }
}
