using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Data.Audit;

public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>How often new events are put into the chain.</summary>
    public TimeSpan LinkEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A checkpoint is signed after this many links, or after <see cref="CheckpointAfter"/> if there is any new one.</summary>
    [Range(1, 1_000_000)]
    public int CheckpointLinks { get; set; } = 500;

    public TimeSpan CheckpointAfter { get; set; } = TimeSpan.FromMinutes(5);
}

/// <param name="Pending">Events that wait for their place.</param>
/// <param name="OldestPending">When the oldest of them happened.</param>
public sealed record AuditChainState(long Links, long Pending, DateTimeOffset? OldestPending, long CheckpointSeq, DateTimeOffset? CheckpointAt);

/// <summary>
/// Puts events into the chain and signs its end. Transactions commit in another order than their events' ids, so an event may become visible after later ones have been
/// linked: each round links all that wait, ordered by id, and such a latecomer gets a later number. Numbers say when an event was linked, not when it happened.
/// </summary>
public sealed class AuditChain(NpgsqlDataSource source, AuditKeys keys, CheckpointFile file, IOptions<AuditOptions> options, TimeProvider time)
{
    private const int BatchSize = 500;
    private const long ChainLock = 0x61_75_64_69_74;
    private long _inFile;

    /// <summary>One round, unless another process is at it: null then.</summary>
    /// <param name="checkpoint">Sign the end in any case, if there is anything new.</param>
    public async Task<int?> LinkAsync(bool checkpoint, CancellationToken cancellationToken)
    {
        // The lock is the session's and ends with the connection, whatever happens to this process.
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = ChainLock } } })
        {
            if (await take.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return null;
            }
        }

        try
        {
            var linked = 0;
            for (int batch; (batch = await LinkBatchAsync(connection, cancellationToken)) > 0;)
            {
                linked += batch;
            }

            await CheckpointAsync(connection, checkpoint, cancellationToken);
            return linked;
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await using var release = new NpgsqlCommand("select pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = ChainLock } } };
                await release.ExecuteScalarAsync(CancellationToken.None);
            }
        }
    }

    public async Task<AuditChainState> StateAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            select coalesce((select max(seq) from audit.links), 0), (select count(*) from audit.pending),
              (select e.at from audit.pending p join audit.events e on e.id = p.event_id order by p.event_id limit 1),
              coalesce((select max(seq) from audit.checkpoints), 0), (select c.at from audit.checkpoints c order by c.seq desc limit 1)
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new AuditChainState(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset?>(2), reader.GetInt64(3), reader.GetFieldValue<DateTimeOffset?>(4));
    }

    internal static AuditEvent Read(NpgsqlDataReader reader, int from)
    {
        return new AuditEvent
        {
            Id = reader.GetGuid(from),
            At = reader.GetFieldValue<DateTimeOffset>(from + 1),
            ActorKind = Enum.TryParse<ActorKind>(reader.GetString(from + 2), out var kind) ? kind : (ActorKind)(-1),
            ActorId = reader.GetFieldValue<Guid?>(from + 3),
            CredentialId = reader.GetFieldValue<Guid?>(from + 4),
            Network = Text(from + 5),
            Action = reader.GetString(from + 6),
            TargetKind = Text(from + 7),
            TargetId = reader.GetFieldValue<Guid?>(from + 8),
            Reason = Text(from + 9),
            Details = Text(from + 10),
        };

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    internal const string EventColumns = "e.id, e.at, e.actor_kind, e.actor_id, e.credential_id, e.network, e.action, e.target_kind, e.target_id, e.reason, e.details";

    private static async Task<int> LinkBatchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (seq, hash) = (0L, CanonicalEvent.Genesis);
        await using (var tip = new NpgsqlCommand("select seq, hash from audit.links order by seq desc limit 1", connection, transaction))
        await using (var reader = await tip.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                (seq, hash) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            }
        }

        var (seqs, ids, before, after) = (new List<long>(), new List<Guid>(), new List<byte[]>(), new List<byte[]>());
        await using (var read = new NpgsqlCommand($"""
            select {EventColumns} from audit.pending p join audit.events e on e.id = p.event_id
            where not exists (select 1 from audit.links l where l.event_id = p.event_id) order by p.event_id limit {BatchSize}
            """, connection, transaction))
        await using (var reader = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var e = Read(reader, 0);
                before.Add(hash);
                hash = CanonicalEvent.Hash(hash, ++seq, e);
                seqs.Add(seq);
                ids.Add(e.Id);
                after.Add(hash);
            }
        }

        if (seqs.Count == 0)
        {
            // Nothing of ours is here twice; what somebody put back on the list is in the chain already.
            await using var tidy = new NpgsqlCommand("delete from audit.pending p using audit.links l where l.event_id = p.event_id", connection, transaction);
            await tidy.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return 0;
        }

        // Should two processes ever be here at once, the keys of the table let one of them through.
        await using (var write = new NpgsqlCommand("""
            with linked as (
              insert into audit.links (seq, event_id, previous_hash, hash) select * from unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bytea[]))
            delete from audit.pending where event_id = any ($2)
            """, connection, transaction)
        {
            Parameters = { new() { Value = seqs.ToArray() }, new() { Value = ids.ToArray() }, new() { Value = before.ToArray() }, new() { Value = after.ToArray() } },
        })
        {
            await write.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return seqs.Count;
    }

    private async Task CheckpointAsync(NpgsqlConnection connection, bool always, CancellationToken cancellationToken)
    {
        var last = (await CheckpointsAsync(connection, "order by seq desc limit 1", 0, cancellationToken)).SingleOrDefault();
        var now = CanonicalEvent.ToMicrosecond(time.GetUtcNow());
        var (seq, hash) = (0L, CanonicalEvent.Genesis);
        await using (var tip = new NpgsqlCommand("select seq, hash from audit.links order by seq desc limit 1", connection))
        await using (var reader = await tip.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                (seq, hash) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            }
        }

        var since = seq - (last?.Seq ?? 0);
        if (since > 0 && (always || last is null || since >= options.Value.CheckpointLinks || now - last.At >= options.Value.CheckpointAfter))
        {
            var (keyId, ecdsa) = await keys.SigningAsync(connection, now, cancellationToken);
            using (ecdsa)
            {
                var signature = ecdsa.SignData(CanonicalEvent.OfCheckpoint(seq, hash, now, keyId), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
                await using var insert = new NpgsqlCommand("insert into audit.checkpoints (seq, hash, at, key_id, signature) values ($1, $2, $3, $4, $5)", connection)
                {
                    Parameters = { new() { Value = seq }, new() { Value = hash }, new() { Value = now }, new() { Value = keyId }, new() { Value = signature } },
                };
                await insert.ExecuteNonQueryAsync(cancellationToken);
                last = new AuditCheckpoint { Seq = seq, Hash = hash, At = now, KeyId = keyId, Signature = signature };
            }
        }

        if (last is null || last.Seq <= _inFile)
        {
            return;
        }

        // Also those that a process which died wrote to the database only.
        var written = (await file.ReadAsync(cancellationToken)).Select(c => c.Seq).DefaultIfEmpty().Max();
        await file.AppendAsync(await CheckpointsAsync(connection, "where seq > $1 order by seq", written, cancellationToken), cancellationToken);
        _inFile = last.Seq;
    }

    internal static async Task<List<AuditCheckpoint>> CheckpointsAsync(NpgsqlConnection connection, string which, long after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select seq, hash, at, key_id, signature from audit.checkpoints {which}", connection);
        if (which.Contains("$1", StringComparison.Ordinal))
        {
            command.Parameters.Add(new() { Value = after });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<AuditCheckpoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new AuditCheckpoint
            {
                Seq = reader.GetInt64(0),
                Hash = reader.GetFieldValue<byte[]>(1),
                At = reader.GetFieldValue<DateTimeOffset>(2),
                KeyId = reader.GetString(3),
                Signature = reader.GetFieldValue<byte[]>(4),
            });
        }

        return found;
    }
}
