using System.Collections.Concurrent;
using System.Security.Cryptography;
using ChatSphere.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>Knows API keys by their hash. What a key may do, and whether it still may, <see cref="LiveAccess"/> says.</summary>
internal sealed class ApiKeys(IServiceScopeFactory scopes)
{
    public const string Prefix = "csk_";
    private const int ForgetAbove = 10_000;

    // A key's hash never changes, so it is looked up once.
    private readonly ConcurrentDictionary<Guid, byte[]> _hashes = new();

    public static bool LooksLikeOne(string secret) => secret.StartsWith(Prefix, StringComparison.Ordinal);

    public static (string Key, byte[] Hash) Create(Guid id)
    {
        var (token, hash) = OpaqueTokens.Create(id);
        return (Prefix + token, hash);
    }

    /// <summary>The key's id; null for what is none of ours.</summary>
    public async ValueTask<Guid?> VerifyAsync(string secret, CancellationToken cancellationToken)
    {
        if (!OpaqueTokens.TryRead(secret.AsSpan(Prefix.Length), out var id, out var hash))
        {
            return null;
        }

        if (!_hashes.TryGetValue(id, out var known))
        {
            await using var scope = scopes.CreateAsyncScope();
            known = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().ApiKeys.Where(k => k.Id == id).Select(k => k.SecretHash).SingleOrDefaultAsync(cancellationToken);
            if (known is null)
            {
                return null;
            }

            if (_hashes.Count > ForgetAbove)
            {
                _hashes.Clear();
            }

            _hashes[id] = known;
        }

        return CryptographicOperations.FixedTimeEquals(known, hash) ? id : null;
    }
}
