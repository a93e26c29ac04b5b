using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>A WebAuthn authenticator in software, with one resident credential, as honest as a test wants it.</summary>
public sealed class SoftAuthenticator(string origin)
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);
    private byte[] _user = [];

    /// <summary>What it says where it is.</summary>
    public string Origin { get; set; } = origin;

    /// <summary>Whether it has asked for the finger or the PIN.</summary>
    public bool VerifiesPerson { get; set; } = true;

    public uint Counter { get; set; }

    public string RelyingParty { get; set; } = new Uri(origin).Host;

    public JsonElement Create(JsonElement options)
    {
        _user = Base64Url.DecodeFromChars(options.GetProperty("user").GetProperty("id").GetString());
        var point = _key.ExportParameters(false).Q;
        byte[] cose = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        var data = AuthenticatorData(0x40, [.. new byte[16], 0, 16, .. _id, .. cose]);
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data];
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Text(ClientData("webauthn.create", options)),
            ["attestationObject"] = Text(attestation),
            ["transports"] = new JsonArray("internal"),
        });
    }

    public JsonElement Get(JsonElement options, bool tampered = false)
    {
        var data = AuthenticatorData(0, []);
        var client = ClientData("webauthn.get", options);
        var signature = _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (tampered)
        {
            signature[^1] ^= 1;
        }

        return Credential(new JsonObject { ["clientDataJSON"] = Text(client), ["authenticatorData"] = Text(data), ["signature"] = Text(signature), ["userHandle"] = Text(_user) });
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private JsonElement Credential(JsonObject response) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["id"] = Text(_id), ["rawId"] = Text(_id), ["type"] = "public-key", ["clientExtensionResults"] = new JsonObject(), ["response"] = response,
    });

    private byte[] ClientData(string type, JsonElement options) =>
        Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","challenge":"{{options.GetProperty("challenge").GetString()}}","origin":"{{Origin}}","crossOrigin":false}""");

    // User present is 1, user verified 4.
    private byte[] AuthenticatorData(int flags, byte[] tail)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, ++Counter);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty)), (byte)(flags | 1 | (VerifiesPerson ? 4 : 0)), .. counter, .. tail];
    }
}
