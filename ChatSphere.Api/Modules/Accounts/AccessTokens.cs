using System.Buffers.Text;
using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

public sealed class TokenOptions
{
    public const string Section = "Tokens";

    /// <summary>The <c>iss</c> of access tokens: this deployment. Not set: the address of its web pages.</summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary>The <c>aud</c> of access tokens.</summary>
    [Required]
    public string Audience { get; set; } = "chatsphere-api";

    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Unused for this long, a refresh token has expired.</summary>
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>However often it is refreshed, a session ends after this.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Two tabs of one client may refresh at once: within this, a used refresh token gives its successor again instead of counting as stolen.</summary>
    public TimeSpan ReuseGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A signing key signs for this long, and is trusted one token lifetime longer.</summary>
    public TimeSpan SigningKeyLifetime { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Whose token it was.</summary>
internal sealed record AccessToken(Guid AccountId, Guid SessionId);

/// <summary>
/// Access tokens: JWTs (RFC 7519) of type <c>at+jwt</c> (RFC 9068), signed ES256 and nothing else. Checked by RFC 8725: the algorithm is ours, never the header's
/// choice; <c>kid</c> is a look-up in our own keys; embedded keys and addresses of keys are ignored. See docs/adr/0004.
/// </summary>
internal sealed class AccessTokens(IServiceScopeFactory scopes, SecretBox secrets, IOptions<TokenOptions> options, TimeProvider time) : IDisposable
{
    private const string Purpose = "accounts.signing-key";
    private const int MaxLength = 4096;

    // What nodes of the version before call themselves; with our keys it is ours. Can go with the next version.
    private const string FormerIssuer = "chatsphere";
    private const long KeyLock = 0x73_69_67_6e_6b_65_79;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    // A key is made this long before it signs, so that every node has it by then.
    private static readonly TimeSpan Lead = TimeSpan.FromDays(1);
    private static readonly TimeSpan ReloadAfter = TimeSpan.FromHours(1);

    // "at+jwt" as it is, for readers that compare the text.
    private static readonly JsonSerializerOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SemaphoreSlim _loading = new(1, 1);
    private KeyRing _keys = new(FrozenDictionary<string, Key>.Empty, null, DateTimeOffset.MinValue);

    private sealed record Key(string Id, ECDsa Ecdsa, DateTimeOffset SignsUntil, DateTimeOffset TrustedUntil);

    private sealed record KeyRing(FrozenDictionary<string, Key> Trusted, Key? Signing, DateTimeOffset LoadedAt);

    /// <summary>Loads the keys, and makes the first one of a new deployment, before anything is served.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => LoadAsync(create: true, cancellationToken);

    public async Task<string> IssueAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var key = (await CurrentAsync(now, cancellationToken)).Signing!;
        var header = JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", typ = "at+jwt", kid = key.Id }, Plainly);
        var payload = JsonSerializer.SerializeToUtf8Bytes(new
        {
            iss = options.Value.Issuer,
            aud = options.Value.Audience,
            sub = accountId,
            sid = sessionId,
            jti = Guid.CreateVersion7(now),
            iat = now.ToUnixTimeSeconds(),
            exp = (now + options.Value.AccessTokenLifetime).ToUnixTimeSeconds(),
        });
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        byte[] signature;
        lock (key.Ecdsa)
        {
            signature = key.Ecdsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Null for whatever is not a valid token of ours at this moment.</summary>
    public async Task<AccessToken?> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        var parts = token.Length > MaxLength ? [] : token.Split('.');
        if (parts.Length != 3 || ParseObject(parts[0]) is not { } header || Text(header, "alg") != "ES256" || Text(header, "typ") != "at+jwt" || Text(header, "kid") is not { Length: > 0 and <= 64 } kid
            || header.TryGetProperty("crit", out _))
        {
            return null;
        }

        var now = time.GetUtcNow();
        var ring = _keys;
        if (!ring.Trusted.TryGetValue(kid, out var key) && now - ring.LoadedAt > LookAgainAfter)
        {
            // Another node may have begun a new key; look at most once in a while, whatever is thrown at us.
            ring = await LoadAsync(create: false, cancellationToken);
            ring.Trusted.TryGetValue(kid, out key);
        }

        if (key is null || key.TrustedUntil <= now || !HasValidSignature(key, parts) || ParseObject(parts[1]) is not { } claims)
        {
            return null;
        }

        return (Text(claims, "iss") == options.Value.Issuer || Text(claims, "iss") == FormerIssuer)
            && Text(claims, "aud") == options.Value.Audience
            && Time(claims, "exp") is { } expires && expires > now
            && Time(claims, "iat") is { } issued && issued - Skew <= now
            && Guid.TryParse(Text(claims, "sub"), out var account)
            && Guid.TryParse(Text(claims, "sid"), out var session)
            ? new AccessToken(account, session)
            : null;
    }

    /// <summary>The public keys, RFC 7517.</summary>
    public async Task<object> JwksAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ring = await CurrentAsync(now, cancellationToken);
        return new
        {
            keys = ring.Trusted.Values.Where(k => k.TrustedUntil > now).Select(k =>
            {
                var point = k.Ecdsa.ExportParameters(includePrivateParameters: false).Q;
                return new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = k.Id, x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) };
            }).ToArray(),
        };
    }

    public void Dispose()
    {
        foreach (var key in _keys.Trusted.Values)
        {
            key.Ecdsa.Dispose();
        }

        _loading.Dispose();
    }

    private async ValueTask<KeyRing> CurrentAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        _keys.Signing is { } current && current.SignsUntil > now && now - _keys.LoadedAt < ReloadAfter ? _keys : await LoadAsync(create: true, cancellationToken);

    private async Task<KeyRing> LoadAsync(bool create, CancellationToken cancellationToken)
    {
        var seen = _keys;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(seen, _keys))
            {
                return _keys;
            }

            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            var now = time.GetUtcNow();
            var stored = await StoredAsync(db, now, cancellationToken);
            if (create && !stored.Exists(k => k.SignsUntil - Lead > now))
            {
                // One node makes it, the others wait and find it.
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({KeyLock})", cancellationToken);
                stored = await StoredAsync(db, now, cancellationToken);
                if (!stored.Exists(k => k.SignsUntil - Lead > now))
                {
                    var made = Make(now, stored.Count == 0 ? now : stored.Max(k => k.SignsUntil));
                    db.SigningKeys.Add(made);
                    await db.SaveChangesAsync(cancellationToken);
                    stored.Add(made);
                }

                await transaction.CommitAsync(cancellationToken);
            }

            var keys = stored.Select(k => _keys.Trusted.GetValueOrDefault(k.Id) ?? Open(k)).ToFrozenDictionary(k => k.Id);
            _keys = new KeyRing(keys, keys.Values.Where(k => k.SignsUntil > now).MinBy(k => k.SignsUntil), now);
            return _keys;
        }
        finally
        {
            _loading.Release();
        }
    }

    private static Task<List<SigningKey>> StoredAsync(ChatSphereDb db, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.SigningKeys.AsNoTracking().Where(k => k.TrustedUntil > now).ToListAsync(cancellationToken);

    private SigningKey Make(DateTimeOffset now, DateTimeOffset after)
    {
        var signsUntil = (after > now ? after : now) + options.Value.SigningKeyLifetime;
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new SigningKey
        {
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)),
            ProtectedPrivateKey = secrets.Protect(Purpose, ecdsa.ExportPkcs8PrivateKey()),
            CreatedAt = now,
            SignsUntil = signsUntil,
            TrustedUntil = signsUntil + options.Value.AccessTokenLifetime + Skew,
        };
    }

    private Key Open(SigningKey stored)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportPkcs8PrivateKey(secrets.Unprotect(Purpose, stored.ProtectedPrivateKey), out _);
        }
        catch (MissingEncryptionKeyException)
        {
            ecdsa.Dispose();
            throw;
        }
        catch (CryptographicException e)
        {
            ecdsa.Dispose();
            throw new InvalidOperationException($"A stored signing key cannot be read: {EncryptionKeys.SettingOf(SecretBox.KeyIdOf(stored.ProtectedPrivateKey) ?? EncryptionKeys.DefaultId)} is not the one that this database was used with.", e);
        }

        return new Key(stored.Id, ecdsa, stored.SignsUntil, stored.TrustedUntil);
    }

    private static bool HasValidSignature(Key key, string[] parts)
    {
        Span<byte> signature = stackalloc byte[64];
        if (!Base64Url.IsValid(parts[2], out var length) || length != 64 || !Base64Url.TryDecodeFromChars(parts[2], signature, out _))
        {
            return false;
        }

        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        lock (key.Ecdsa)
        {
            return key.Ecdsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    private static JsonElement? ParseObject(string part)
    {
        try
        {
            if (!Base64Url.IsValid(part))
            {
                return null;
            }

            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(part), new JsonDocumentOptions { MaxDepth = 4 });
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is > 0 and < 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
