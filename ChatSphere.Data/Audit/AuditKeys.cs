using System.Buffers.Text;
using System.Security.Cryptography;
using ChatSphere.Data.Secrets;
using Npgsql;

namespace ChatSphere.Data.Audit;

/// <summary>The keys of checkpoints.</summary>
public sealed class AuditKeys(SecretBox secrets)
{
    public const string Purpose = "audit.checkpoint-key";

    /// <summary>The newest key, or the first one, made now. The caller holds the chain's lock.</summary>
    internal async Task<(string Id, ECDsa Ecdsa)> SigningAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await StoredAsync(connection, cancellationToken);
        if (stored.MaxBy(k => k.CreatedAt) is { } newest)
        {
            return (newest.Id, Open(newest) ?? throw new InvalidOperationException("The key of the audit checkpoints cannot be read: Encryption:Key is not the one that this database was used with."));
        }

        var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        await using var insert = new NpgsqlCommand("insert into audit.keys (id, public_key, protected_private_key, created_at) values ($1, $2, $3, $4)", connection)
        {
            Parameters =
            {
                new() { Value = id }, new() { Value = made.ExportSubjectPublicKeyInfo() }, new() { Value = secrets.Protect(Purpose, made.ExportPkcs8PrivateKey()) }, new() { Value = now },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return (id, made);
    }

    /// <summary>
    /// Public keys that may be trusted: made by somebody who has the encryption key. A row whose sealed half does not open or does not fit its public half is given as null.
    /// </summary>
    internal async Task<Dictionary<string, ECDsa?>> TrustedAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await StoredAsync(connection, cancellationToken)).ToDictionary(k => k.Id, Open);

    public async Task<IReadOnlyList<(string Id, ECParameters Public, DateTimeOffset CreatedAt)>> PublicAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var keys = new List<(string, ECParameters, DateTimeOffset)>();
        foreach (var stored in await StoredAsync(connection, cancellationToken))
        {
            using var key = Open(stored);
            if (key is not null)
            {
                keys.Add((stored.Id, key.ExportParameters(includePrivateParameters: false), stored.CreatedAt));
            }
        }

        return keys;
    }

    private ECDsa? Open(AuditKey stored)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(secrets.Unprotect(Purpose, stored.ProtectedPrivateKey), out _);
            if (key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(stored.PublicKey))
            {
                return key;
            }
        }
        catch (CryptographicException)
        {
        }

        key.Dispose();
        return null;
    }

    private static async Task<List<AuditKey>> StoredAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select id, public_key, protected_private_key, created_at from audit.keys order by created_at", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<AuditKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new AuditKey
            {
                Id = reader.GetString(0),
                PublicKey = reader.GetFieldValue<byte[]>(1),
                ProtectedPrivateKey = reader.GetFieldValue<byte[]>(2),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(3),
            });
        }

        return keys;
    }
}
