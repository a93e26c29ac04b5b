using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Secrets;
using Npgsql;
using NpgsqlTypes;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Pages, chunks and vectors to and from their tables, in bulk.</summary>
internal static class PassageRows
{
    private const int ChunksPerStatement = 256;

    /// <summary>
    /// The same for the same place, so that reading a document again after a kill overwrites in Qdrant instead of adding. Begins like the document's id, which
    /// begins with time: rows of one document stay together in the index.
    /// </summary>
    public static Guid ChunkId(Guid documentId, int ordinal)
    {
        Span<byte> key = stackalloc byte[20];
        documentId.TryWriteBytes(key, bigEndian: true, out _);
        BitConverter.TryWriteBytes(key[16..], ordinal);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(key, hash);
        hash[..8].CopyTo(key[8..]);
        key[8] = (byte)((key[8] & 0x3f) | 0x80);
        return new Guid(key[..16], bigEndian: true);
    }

    public static async Task CopyPagesAsync(NpgsqlConnection connection, ContentSeal seal, Guid documentId, IReadOnlyList<ExtractedPage> pages, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy knowledge.document_pages (document_id, number, start, length, text) from stdin (format binary)", cancellationToken);
        foreach (var page in pages)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(documentId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(page.Number, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(page.Start, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(page.Text.Length, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(seal.Seal(ContentPurposes.Page, page.Text), NpgsqlDbType.Text, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    public static async Task CopyChunksAsync(NpgsqlConnection connection, ContentSeal seal, Guid documentId, Guid botId, IReadOnlyList<ChunkDraft> chunks, CancellationToken cancellationToken)
    {
        if (seal.WordKey is { } wordKey)
        {
            foreach (var batch in chunks.Chunk(ChunksPerStatement))
            {
                await InsertSealedAsync(connection, seal, wordKey, documentId, botId, batch, cancellationToken);
            }

            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(
            """copy knowledge.chunks (id, document_id, bot_id, ordinal, page, start, "end", heading, context, text) from stdin (format binary)""", cancellationToken);
        foreach (var chunk in chunks)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(ChunkId(documentId, chunk.Ordinal), NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(documentId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(botId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(chunk.Ordinal, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(chunk.Page, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(chunk.Start, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(chunk.End, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(chunk.Heading is null ? null : seal.Seal(ContentPurposes.Passage, chunk.Heading), NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(seal.Seal(ContentPurposes.Passage, chunk.Context), NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(seal.Seal(ContentPurposes.Passage, chunk.Text), NpgsqlDbType.Text, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    /// <summary>The plain text goes along for its words to be taken from it, and is not stored.</summary>
    private static async Task InsertSealedAsync(
        NpgsqlConnection connection, ContentSeal seal, byte[] wordKey, Guid documentId, Guid botId, ChunkDraft[] chunks, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into knowledge.chunks (id, document_id, bot_id, ordinal, page, start, "end", heading, context, text, tsv, len)
            select c.id, $1, $2, c.ordinal, c.page, c.start, c."end", c.heading, c.context, c.text, knowledge.lex_hide(v.words, $3), knowledge.lex_words(v.words)
            from unnest($4::uuid[], $5::int[], $6::int[], $7::int[], $8::int[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
                c(id, ordinal, page, start, "end", heading, context, text, plain_context, plain_text),
                lateral (select knowledge.lex_tsv(c.plain_context, c.plain_text) words offset 0) v
            """, connection);
        object[] values =
        [
            documentId, botId, wordKey,
            chunks.Select(c => ChunkId(documentId, c.Ordinal)).ToArray(), chunks.Select(c => c.Ordinal).ToArray(), chunks.Select(c => c.Page).ToArray(),
            chunks.Select(c => c.Start).ToArray(), chunks.Select(c => c.End).ToArray(),
            chunks.Select(c => c.Heading is null ? null : seal.Seal(ContentPurposes.Passage, c.Heading)).ToArray(),
            chunks.Select(c => seal.Seal(ContentPurposes.Passage, c.Context)).ToArray(), chunks.Select(c => seal.Seal(ContentPurposes.Passage, c.Text)).ToArray(),
            chunks.Select(c => c.Context).ToArray(), chunks.Select(c => c.Text).ToArray(),
        ];
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Passages that are gone meanwhile, or have their vector already, are passed over.</summary>
    /// <returns>How many vectors are new.</returns>
    public static async Task<int> AddVectorsAsync(NpgsqlConnection connection, string set, IReadOnlyList<EmbeddedChunk> vectors, CancellationToken cancellationToken)
    {
        if (vectors.Count == 0)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand("""
            insert into knowledge.chunk_vectors (chunk_id, model, document_id, vector)
            select c.id, $1, c.document_id, v.vector from unnest($2::uuid[], $3::bytea[]) v(id, vector) join knowledge.chunks c on c.id = v.id
            for key share of c
            on conflict do nothing
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = set });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. vectors.Select(v => v.ChunkId)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. vectors.Select(v => MemoryMarshal.AsBytes(v.Vector.Span).ToArray())] });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Chunks from an ordinal on that have no vector in the set: (ordinal, what is embedded of it).</summary>
    public static async Task<List<(int Ordinal, string Text)>> ReadChunksAsync(
        NpgsqlDataSource database, ContentSeal seal, Guid documentId, string set, int from, int count, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select c.ordinal, c.context, c.text from knowledge.chunks c
            where c.document_id = $1 and c.ordinal >= $2 and not exists (select from knowledge.chunk_vectors v where v.chunk_id = c.id and v.model = $4)
            order by c.ordinal limit $3
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = documentId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = set });
        var chunks = new List<(int, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            chunks.Add((reader.GetInt32(0), TextToEmbed(seal.Open(ContentPurposes.Passage, reader.GetString(1)), seal.Open(ContentPurposes.Passage, reader.GetString(2)))));
        }

        return chunks;
    }

    public static string TextToEmbed(string context, string text) => context + "\n" + text;

    public static async Task DeleteAsync(NpgsqlConnection connection, Guid documentId, CancellationToken cancellationToken)
    {
        // Vectors go with their chunks.
        await using var batch = new NpgsqlBatch(connection);
        foreach (var table in (string[])["chunks", "document_pages"])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"delete from knowledge.{table} where document_id = $1") { Parameters = { new NpgsqlParameter<Guid> { TypedValue = documentId } } });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
