using System.Security.Cryptography;
using Npgsql;

namespace ChatSphere.Data.Audit;

/// <summary>Why a chain is not whole. The values are the API's.</summary>
public static class AuditProblems
{
    /// <summary>A number is missing.</summary>
    public const string LinkMissing = "link_missing";

    /// <summary>A link's event is not there any more.</summary>
    public const string EventMissing = "event_missing";

    /// <summary>An event is not what was linked.</summary>
    public const string EventChanged = "event_changed";

    /// <summary>A link does not continue the one before it: exchanged, or made anew.</summary>
    public const string OrderChanged = "order_changed";

    /// <summary>A signed checkpoint says otherwise: the chain was made anew from somewhere before it.</summary>
    public const string ChainReplaced = "chain_replaced";

    /// <summary>A signed checkpoint is beyond the chain's end.</summary>
    public const string TailCut = "tail_cut";

    /// <summary>A checkpoint's signature is wrong, or its key is none of ours.</summary>
    public const string CheckpointForged = "checkpoint_forged";

    /// <summary>The file has a checkpoint that the database has lost.</summary>
    public const string CheckpointMissing = "checkpoint_missing";

    /// <summary>An event is neither in the chain nor waiting for its place.</summary>
    public const string EventNotLinked = "event_not_linked";
}

/// <param name="FirstBadSeq">The number in the chain at which it is not whole any more; null where the fault has no number.</param>
/// <param name="Problem">One of <see cref="AuditProblems"/>; null: whole.</param>
/// <param name="Events">Events read, in the chain.</param>
/// <param name="Pending">Events that are not in the chain yet, and that this therefore says nothing about.</param>
public sealed record AuditVerification(long? FirstBadSeq, string? Problem, string? Detail, long Events, long Pending, long Checkpoints, long FileCheckpoints, DateTimeOffset? LastCheckpointAt)
{
    public bool IsWhole => Problem is null;
}

/// <summary>Reads the whole chain once, as of one moment, and says where it is not whole first. Memory does not grow with the chain but with its checkpoints.</summary>
public sealed class AuditVerifier(NpgsqlDataSource source, AuditKeys keys, CheckpointFile file)
{
    public async Task<AuditVerification> VerifyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        // Read before the database's snapshot is taken: what a worker adds meanwhile is then in the database and not missing there.
        var inFile = await file.ReadAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var stored = await AuditChain.CheckpointsAsync(connection, "order by seq", 0, cancellationToken);
        var trusted = await keys.TrustedAsync(connection, cancellationToken);
        var (faults, expected) = CheckpointFaults(stored, inFile, trusted);
        foreach (var key in trusted.Values)
        {
            key?.Dispose();
        }

        var (read, fault) = await WalkAsync(connection, expected, cancellationToken);
        if (fault is not null)
        {
            faults.Add(fault.Value);
        }
        else if (expected.Count > 0 && expected.Keys.Max() is var known && known > read)
        {
            faults.Add((read + 1, AuditProblems.TailCut, $"A checkpoint was signed at {known}; the chain ends at {read}."));
        }

        var pending = await CountAsync(connection, "select count(*) from audit.pending", cancellationToken);
        if (await CountAsync(connection, """
            select count(*) from audit.events e
            where not exists (select 1 from audit.links l where l.event_id = e.id) and not exists (select 1 from audit.pending p where p.event_id = e.id)
            """, cancellationToken) is > 0 and var loose)
        {
            faults.Add((read + 1, AuditProblems.EventNotLinked, $"{loose} event(s) are neither in the chain nor waiting for their place."));
        }

        if (await CountAsync(connection, "select count(*) from audit.pending p where not exists (select 1 from audit.events e where e.id = p.event_id)", cancellationToken) is > 0 and var lost)
        {
            faults.Add((read + 1, AuditProblems.EventMissing, $"{lost} event(s) disappeared before they were linked."));
        }

        // At the same number, what the walk found says more than the checkpoint beside it.
        var first = faults.OrderBy(f => f.Seq).ThenBy(f => f.Problem is AuditProblems.CheckpointForged or AuditProblems.CheckpointMissing).FirstOrDefault();
        return new AuditVerification(
            first.Problem is null ? null : first.Seq, first.Problem, first.Detail, read, pending, stored.Count, inFile.Count, stored.LastOrDefault()?.At);
    }

    private static (List<(long Seq, string Problem, string Detail)> Faults, Dictionary<long, byte[]> Expected) CheckpointFaults(
        List<AuditCheckpoint> stored, List<AuditCheckpoint> inFile, Dictionary<string, ECDsa?> trusted)
    {
        var faults = new List<(long, string, string)>();
        var expected = new Dictionary<long, byte[]>();
        var known = stored.ToDictionary(c => c.Seq);
        foreach (var (checkpoint, isFile) in inFile.Select(c => (c, true)).Concat(stored.Select(c => (c, false))))
        {
            var place = isFile ? "The file's" : "The database's";
            if (!trusted.TryGetValue(checkpoint.KeyId, out var key) || key is null)
            {
                faults.Add((checkpoint.Seq, AuditProblems.CheckpointForged, $"{place} checkpoint at {checkpoint.Seq} is signed with a key that is not one of this deployment's."));
            }
            else if (!key.VerifyData(
                CanonicalEvent.OfCheckpoint(checkpoint.Seq, checkpoint.Hash, checkpoint.At, checkpoint.KeyId), checkpoint.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            {
                faults.Add((checkpoint.Seq, AuditProblems.CheckpointForged, $"{place} checkpoint at {checkpoint.Seq} does not fit its signature."));
            }
            else if (!expected.TryAdd(checkpoint.Seq, checkpoint.Hash) && !expected[checkpoint.Seq].AsSpan().SequenceEqual(checkpoint.Hash))
            {
                faults.Add((checkpoint.Seq, AuditProblems.ChainReplaced, $"There are two checkpoints at {checkpoint.Seq}, for two chains."));
            }
            else if (isFile && !known.ContainsKey(checkpoint.Seq))
            {
                faults.Add((checkpoint.Seq, AuditProblems.CheckpointMissing, $"The file's checkpoint at {checkpoint.Seq} is not in the database."));
            }
        }

        return (faults, expected);
    }

    private static async Task<(long Read, (long Seq, string Problem, string Detail)? Fault)> WalkAsync(NpgsqlConnection connection, Dictionary<long, byte[]> expected, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select l.seq, l.previous_hash, l.hash, l.event_id, {AuditChain.EventColumns} from audit.links l left join audit.events e on e.id = l.event_id order by l.seq", connection)
        {
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (at, hash) = (0L, CanonicalEvent.Genesis);
        while (await reader.ReadAsync(cancellationToken))
        {
            var seq = reader.GetInt64(0);
            if (seq != at + 1)
            {
                return (at, (at + 1, AuditProblems.LinkMissing, $"After {at} comes {seq}."));
            }

            if (await reader.IsDBNullAsync(4, cancellationToken))
            {
                return (at, (seq, AuditProblems.EventMissing, $"The event {reader.GetGuid(3)} is gone."));
            }

            if (!reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(hash))
            {
                return (at, (seq, AuditProblems.OrderChanged, $"The link does not continue the one before it."));
            }

            var e = AuditChain.Read(reader, 4);
            hash = CanonicalEvent.Hash(hash, seq, e);
            if (!reader.GetFieldValue<byte[]>(2).AsSpan().SequenceEqual(hash))
            {
                return (at, (seq, AuditProblems.EventChanged, $"The event {e.Id} is not what was linked."));
            }

            if (expected.TryGetValue(seq, out var signed) && !signed.AsSpan().SequenceEqual(hash))
            {
                return (at, (seq, AuditProblems.ChainReplaced, $"The checkpoint signed at {seq} was for another chain: something at or before {seq} was replaced and linked anew."));
            }

            at = seq;
        }

        return (at, null);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
