using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace ChatSphere.Data.Secrets;

/// <param name="What">A column, or <c>files</c>.</param>
/// <param name="Count">Values that are not as the configuration wants them.</param>
public sealed record OutdatedValues(string What, long Count);

/// <summary>
/// Brings every stored value to what the configuration says: secrets under the active key, content sealed under it or plain. May be stopped anywhere and run again, beside
/// everything else: what is done shows in the values themselves, and a value that somebody changed since it was read is left to them.
/// </summary>
public sealed partial class Reencryption(NpgsqlDataSource database, SecretBox box, ContentSeal seal, BlobStore blobs, PurgeJournal journal, ExportFiles exports, IServiceScopeFactory scopes, ILogger<Reencryption> logger)
{
    private const int PagesPerBatch = 8;
    private const int MaxPasses = 5;
    private const long Lock = 0x72_65_65_6e_63_72;

    private sealed record Row(NpgsqlTid Place, object[] Values);

    private sealed record Work(string What, string Table, string Columns, string Condition, Func<Row, NpgsqlBatchCommand?> Rewrite)
    {
        public NpgsqlParameter[] Parameters { get; init; } = [];
    }

    /// <summary>Whether there is anything to do, without looking at every value.</summary>
    public async Task<bool> IsDueAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var inUse = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().EncryptionKeysInUse.AsNoTracking().ToListAsync(cancellationToken);
        return inUse.Exists(k => k.Id != box.ActiveKeyId || (seal.IsActive ? !k.HoldsAllContent : k.HoldsContent));
    }

    /// <summary>What is left, by a look at everything.</summary>
    public async Task<IReadOnlyList<OutdatedValues>> CountAsync(CancellationToken cancellationToken)
    {
        var left = new List<OutdatedValues>();
        foreach (var work in All())
        {
            await using var command = database.CreateCommand($"select count(*) from {work.Table} t where {work.Condition}");
            command.CommandTimeout = 600;
            command.Parameters.AddRange(work.Parameters.Select(p => p.Clone()).ToArray());
            left.Add(new OutdatedValues(work.What, (long)(await command.ExecuteScalarAsync(cancellationToken))!));
        }

        left.Add(new OutdatedValues("files", blobs.Outdated().LongCount()));
        left.Add(new OutdatedValues("exports", (await exports.OutdatedAsync(cancellationToken)).Count));
        left.Add(new OutdatedValues("lines of the purge journal", journal.CountOutdated()));
        return left;
    }

    /// <summary>Does it all, and then forgets keys that nothing is under any more. False: something is left, or somebody else is at it.</summary>
    /// <exception cref="MissingEncryptionKeyException">Something is sealed under a key that is not configured.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var holder = await database.OpenConnectionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("select pg_try_advisory_lock($1)", holder) { Parameters = { new() { Value = Lock } } })
        {
            if (!(bool)(await take.ExecuteScalarAsync(cancellationToken))!)
            {
                return false;
            }
        }

        try
        {
            for (var pass = 0; pass < MaxPasses; pass++)
            {
                foreach (var work in All())
                {
                    await RewriteAsync(work, cancellationToken);
                }

                await RewriteFilesAsync(cancellationToken);
                await ResealExportsAsync(cancellationToken);
                await journal.SignAnewAsync(cancellationToken);
                var left = (await CountAsync(cancellationToken)).Sum(l => l.Count);
                if (left == 0)
                {
                    await ForgetKeysAsync(cancellationToken);
                    LogDone(logger, box.ActiveKeyId);
                    return true;
                }

                // Changed meanwhile, or written by a program that has the old configuration yet.
                LogLeft(logger, left);
            }

            return false;
        }
        finally
        {
            await using var release = new NpgsqlCommand("select pg_advisory_unlock($1)", holder) { Parameters = { new() { Value = Lock } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private IEnumerable<Work> All() =>
        SealedColumns.All.Select(c => c.IsContent ? Text(c) : Secret(c)).Append(Citations()).Append(Passages());

    private Work Secret(SealedColumn column)
    {
        var prefix = SecretBox.PrefixOf(box.ActiveKeyId);
        return new Work($"{column.Table}.{column.Column}", column.Table, column.Column, $"t.{column.Column} is not null and substr(t.{column.Column}, 1, {prefix.Length}) <> $1", row =>
        {
            var old = (byte[])row.Values[0];
            return Update(column, row.Place, old, box.Protect(column.Purpose, box.Unprotect(column.Purpose, old)));
        })
        { Parameters = [new() { Value = prefix }] };
    }

    private Work Text(SealedColumn column) => new($"{column.Table}.{column.Column}", column.Table, column.Column, Outdated($"t.{column.Column}"), row =>
    {
        var old = (string)row.Values[0];
        return Update(column, row.Place, old, seal.Seal(column.Purpose, seal.Open(column.Purpose, old)));
    })
    { Parameters = Wanted() };

    private static NpgsqlBatchCommand Update(SealedColumn column, NpgsqlTid place, object old, object anew) =>
        new($"update {column.Table} set {column.Column} = $1 where ctid = $2 and {column.Column} = $3")
        {
            Parameters = { new() { Value = anew }, new() { Value = place, NpgsqlDbType = NpgsqlDbType.Tid }, new() { Value = old } },
        };

    private Work Citations() => new(
        "conversations.messages.citations", "conversations.messages", "citations::text",
        $"t.citations is not null and jsonb_typeof(t.citations) = 'array' and exists (select 1 from jsonb_array_elements(t.citations) e where {Outdated("(e->>'Quote')")} or {Outdated("(e->>'Heading')")})",
        row =>
        {
            var old = (string)row.Values[0];
            var citations = JsonNode.Parse(old)!.AsArray();
            foreach (var citation in citations)
            {
                foreach (var name in (string[])["Quote", "Heading"])
                {
                    if ((string?)citation![name] is { } value)
                    {
                        citation[name] = seal.Seal(ContentPurposes.Citation, seal.Open(ContentPurposes.Citation, value));
                    }
                }
            }

            return new NpgsqlBatchCommand("update conversations.messages set citations = $1::jsonb where ctid = $2 and citations = $3::jsonb")
            {
                Parameters = { new() { Value = citations.ToJsonString() }, new() { Value = row.Place, NpgsqlDbType = NpgsqlDbType.Tid }, new() { Value = old } },
            };
        })
    { Parameters = Wanted() };

    private Work Passages() => new("knowledge.chunks.text", "knowledge.chunks", "text, heading, context", Outdated("t.text"), row =>
    {
        var old = (string)row.Values[0];
        var (text, heading, context) = (Open(old)!, Open(row.Values[1] as string), Open((string)row.Values[2])!);
        var command = new NpgsqlBatchCommand($"""
            with changed as (
                update knowledge.chunks set text = $1, heading = $2, context = $3,
                    tsv = {(seal.IsActive ? "knowledge.lex_hide(knowledge.lex_tsv($6, $7), $8)" : "knowledge.lex_tsv($6, $7)")}
                where ctid = $4 and text = $5 returning bot_id)
            -- What was counted of its words is counted anew, from nothing.
            update knowledge.lexical_stats s set version = -1 from changed where s.bot_id = changed.bot_id and s.version <> -1
            """)
        {
            Parameters =
            {
                new() { Value = Seal(text) }, new() { Value = (object?)Seal(heading) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = Seal(context) },
                new() { Value = row.Place, NpgsqlDbType = NpgsqlDbType.Tid }, new() { Value = old }, new() { Value = context }, new() { Value = text },
            },
        };
        if (seal.WordKey is { } wordKey)
        {
            command.Parameters.Add(new() { Value = wordKey });
        }

        return command;

        string? Open(string? stored) => stored is null ? null : seal.Open(ContentPurposes.Passage, stored);
        string? Seal(string? plain) => plain is null ? null : seal.Seal(ContentPurposes.Passage, plain);
    })
    { Parameters = Wanted() };

    private string Outdated(string value) => seal.IsActive ? $"({value} <> '' and not starts_with({value}, $1))" : $"coalesce(starts_with({value}, $1), false)";

    private NpgsqlParameter[] Wanted() => [new() { Value = seal.WantedPrefix ?? ContentSeal.Mark }];

    /// <summary>By stretches of the table's pages: each is read once, however many rows are as they should be.</summary>
    private async Task RewriteAsync(Work work, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var size = new NpgsqlCommand("select pg_relation_size($1::regclass) / current_setting('block_size')::int", connection) { Parameters = { new() { Value = work.Table } } };
        var pages = (long)(await size.ExecuteScalarAsync(cancellationToken))!;
        var (changed, damaged) = (0, 0);
        for (long page = 0; page < pages; page += PagesPerBatch)
        {
            var rows = await ReadAsync(connection, work, page, cancellationToken);
            await using var batch = new NpgsqlBatch(connection);
            foreach (var row in rows)
            {
                try
                {
                    if (work.Rewrite(row) is { } command)
                    {
                        batch.BatchCommands.Add(command);
                    }
                }
                catch (CryptographicException)
                {
                    // It was unreadable before, and stays as it is for whoever can mend it.
                    damaged++;
                }
            }

            if (batch.BatchCommands.Count > 0)
            {
                await batch.ExecuteNonQueryAsync(cancellationToken);
                changed += batch.BatchCommands.Count;
            }
        }

        if (changed > 0)
        {
            LogChanged(logger, changed, work.What);
        }

        if (damaged > 0)
        {
            LogDamaged(logger, damaged, work.What);
        }
    }

    private static async Task<List<Row>> ReadAsync(NpgsqlConnection connection, Work work, long page, CancellationToken cancellationToken)
    {
        var from = string.Create(CultureInfo.InvariantCulture, $"t.ctid >= '({page},0)'::tid and t.ctid < '({page + PagesPerBatch},0)'::tid");
        await using var command = new NpgsqlCommand($"select t.ctid, {work.Columns} from {work.Table} t where {from} and {work.Condition}", connection);
        command.Parameters.AddRange(work.Parameters.Select(p => p.Clone()).ToArray());
        var rows = new List<Row>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new Row(reader.GetFieldValue<NpgsqlTid>(0), [.. Enumerable.Range(1, reader.FieldCount - 1).Select(reader.GetValue)]));
        }

        return rows;
    }

    private async Task RewriteFilesAsync(CancellationToken cancellationToken)
    {
        var (changed, damaged) = (0, 0);
        foreach (var (sha256, _) in blobs.Outdated())
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.LockBlobAsync(sha256, cancellationToken);
            try
            {
                changed += await blobs.RewriteAsync(sha256, cancellationToken) ? 1 : 0;
            }
            catch (Exception e) when (e is CryptographicException or InvalidDataException)
            {
                damaged++;
            }

            await transaction.CommitAsync(cancellationToken);
        }

        if (changed > 0)
        {
            LogChanged(logger, changed, "files");
        }

        if (damaged > 0)
        {
            LogDamaged(logger, damaged, "files");
        }
    }

    private async Task ResealExportsAsync(CancellationToken cancellationToken)
    {
        var (changed, damaged) = (0, 0);
        foreach (var id in await exports.OutdatedAsync(cancellationToken))
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if ((await db.Database.SqlQuery<Guid>($"select id from privacy.exports where id = {id} for update").ToListAsync(cancellationToken)).Count == 0)
            {
                // What a deletion that died half-way has left behind.
                exports.Delete(id);
                continue;
            }

            try
            {
                changed += await exports.ResealAsync(id, cancellationToken) ? 1 : 0;
            }
            catch (CryptographicException)
            {
                damaged++;
            }

            await transaction.CommitAsync(cancellationToken);
        }

        if (changed > 0)
        {
            LogChanged(logger, changed, "exports");
        }

        if (damaged > 0)
        {
            LogDamaged(logger, damaged, "exports");
        }
    }

    private async Task ForgetKeysAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await db.EncryptionKeysInUse.Where(k => k.Id != box.ActiveKeyId).ExecuteDeleteAsync(cancellationToken);
        await db.EncryptionKeysInUse.ExecuteUpdateAsync(k => k.SetProperty(x => x.HoldsContent, seal.IsActive).SetProperty(x => x.HoldsAllContent, seal.IsActive), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Re-encrypted {Count} of {What}.")]
    private static partial void LogChanged(ILogger logger, int count, string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} of {What} do not open and were left as they are.")]
    private static partial void LogDamaged(ILogger logger, int count, string what);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} values were changed meanwhile or are left; looking again.")]
    private static partial void LogLeft(ILogger logger, long count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything is as configured: secrets are under the key {Key}.")]
    private static partial void LogDone(ILogger logger, string key);
}
