using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Secrets;
using ChatSphere.Worker.Modules.Knowledge.Extraction;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Knowledge;

public enum IngestResult
{
    /// <summary>It came to an end: ready, failed or cancelled, now or before.</summary>
    Done,

    /// <summary>Another live process works on it. Ask again later, in case that one dies.</summary>
    LeasedElsewhere,

    /// <summary>There is no such document any more.</summary>
    Gone,
}

/// <summary>
/// Takes a document from bytes to searchable: extract, chunk, embed, ready. May be killed anywhere and be called again; of two callers one works. A short document is
/// written in one transaction; a long one in batches, and what it had extracted is thrown away and done again when that was interrupted (it takes seconds), while
/// embedding, which may cost money, goes on where it stopped.
/// </summary>
public sealed partial class DocumentIngestor(
    NpgsqlDataSource database,
    ContentSeal seal,
    IServiceScopeFactory scopes,
    DocumentReader reader,
    EmbeddingSets embeddings,
    IVectorIndex index,
    RefreshStatistics statistics,
    IDocumentProgress progress,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<DocumentIngestor> logger)
{
    private const int ChunksPerBatch = 256;
    private const int CharactersPerBatch = 500_000;

    // Requests to embedding endpoints are limited in size; the local embedder does not care.
    private const int ChunksPerRequest = 96;

    // A set that is built in the shadow may be behind a provider that hangs; what it misses here is made up for where it is built.
    private static readonly TimeSpan ShadowPatience = TimeSpan.FromSeconds(5);

    /// <exception cref="Exception">Broken infrastructure (database, embedder, index): the lease is given back, call again later.</exception>
    public async Task<IngestResult> IngestAsync(Guid documentId, CancellationToken cancellationToken)
    {
        using var activity = KnowledgeTelemetry.Source.StartActivity("ingest document");
        activity?.SetTag("chatsphere.document.id", documentId);
        var (refused, document) = await TryLeaseAsync(documentId, cancellationToken);
        if (document is null)
        {
            return refused;
        }

        await progress.ChangedAsync(documentId, cancellationToken);
        await using var lease = new DocumentLease(document, document.LeasedBy!, database, progress, time, logger, cancellationToken);
        try
        {
            await WorkAsync(document, lease);
            statistics.Wake(document.BotId);
            await progress.ChangedAsync(documentId, cancellationToken);
            return IngestResult.Done;
        }
        catch (UnreadableDocumentException e)
        {
            await lease.StopAsync();
            if (await FailAsync(document, e, cancellationToken))
            {
                LogFailed(logger, documentId, e.Code);
                await progress.ChangedAsync(documentId, cancellationToken);
                return IngestResult.Done;
            }

            return await AfterLossAsync(lease, cancellationToken);
        }
        catch (Exception) when (lease.IsLost)
        {
            // Whatever broke, broke because the ground was taken away.
            return await AfterLossAsync(lease, cancellationToken);
        }
        catch (Exception e)
        {
            await lease.StopAsync();
            await GiveBackAsync(lease, isTheDocuments: e is not ProviderException);
            throw;
        }
    }

    private async Task<(IngestResult Refused, Document? Leased)> TryLeaseAsync(Guid documentId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var document = await db.Documents.SingleOrDefaultAsync(d => d.Id == documentId, cancellationToken);
        if (document is null || document.IsFinal)
        {
            return (document is null ? IngestResult.Gone : IngestResult.Done, null);
        }

        var holder = $"{Environment.MachineName[..Math.Min(40, Environment.MachineName.Length)]}:{Environment.ProcessId}:{Guid.NewGuid():n}";
        if (!document.TryLease(holder, time.GetUtcNow(), DocumentLease.Duration))
        {
            return (IngestResult.LeasedElsewhere, null);
        }

        if (document.Attempts > options.Value.MaxAttempts)
        {
            // It may have taken its workers down with it.
            var given = UnreadableDocumentException.AttemptsExhausted();
            document.Fail(given.Code, given.Message, time.GetUtcNow());
            LogFailed(logger, documentId, given.Code);
        }

        // With a leftover of an earlier attempt, the progress shown starts over.
        if (!document.IsFinal && document.Stage != DocumentStage.Embedding)
        {
            (document.PagesDone, document.ChunksDone, document.ChunksTotal) = (0, 0, 0);
            document.Enter(DocumentStage.Extracting, time.GetUtcNow());
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody was quicker, or it was cancelled or deleted just now; the next call sees which.
            return (IngestResult.LeasedElsewhere, null);
        }

        return document.IsFinal ? (IngestResult.Done, null) : (default, document);
    }

    private async Task WorkAsync(Document document, DocumentLease lease)
    {
        if (lease.Stage == DocumentStage.Embedding && await HasAllChunksAsync(document, lease.Token))
        {
            await EmbedStoredAsync(lease);
            return;
        }

        lease.Stage = DocumentStage.Extracting;
        await using (var connection = await database.OpenConnectionAsync(lease.Token))
        {
            await PassageRows.DeleteAsync(connection, document.Id, lease.Token);
        }

        var opened = await reader.OpenAsync(document.Sha256, document.Name, lease.Token);
        (lease.ContentType, lease.PagesTotal) = (opened.ContentType, opened.PagesTotal);
        var chunker = new DocumentChunker(document.Name, opened.PagesTotal is not null);
        var pages = new List<ExtractedPage>();
        var chunks = new List<ChunkDraft>();
        var (characters, buffered, stored) = (0, 0, 0);
        var inBatches = false;
        await foreach (var page in opened.Pages.WithCancellation(lease.Token))
        {
            pages.Add(page);
            chunker.Add(page, chunks);
            characters = page.Start + page.Text.Length;
            buffered += page.Text.Length;
            lease.ChunksTotal = stored + chunks.Count;
            if (opened.PagesTotal is not null)
            {
                lease.PagesDone = page.Number;
            }

            if (chunks.Count >= ChunksPerBatch || buffered >= CharactersPerBatch)
            {
                stored += chunks.Count;
                buffered = 0;
                inBatches = true;
                await StoreAsync(lease, pages, chunks);
            }
        }

        lease.Stage = DocumentStage.Chunking;
        chunker.Complete(chunks);
        lease.Characters = characters;
        lease.ChunksTotal = stored + chunks.Count;
        if (!inBatches)
        {
            if (chunks.Count == 0)
            {
                throw opened.PagesTotal is null ? UnreadableDocumentException.Empty() : UnreadableDocumentException.WithoutText();
            }

            lease.Stage = DocumentStage.Embedding;
            IReadOnlyList<(int, string)> texts = [.. chunks.Select(c => (c.Ordinal, PassageRows.TextToEmbed(c.Context, c.Text)))];
            for (var live = await embeddings.CurrentAsync(lease.Token); ; live = await embeddings.LoadAsync(lease.Token))
            {
                lease.ChunksDone = 0;
                var vectors = await EmbedAsync(lease, live, texts);
                if (await TryMarkReadyAsync(lease, live, pages, chunks, vectors))
                {
                    return;
                }
            }
        }

        await StoreAsync(lease, pages, chunks, DocumentStage.Embedding);
        await EmbedStoredAsync(lease);
    }

    /// <summary>Writes a batch and empties the lists. With the last batch the stage changes in the same transaction, so "embedding" means that all chunks are there.</summary>
    private async Task StoreAsync(DocumentLease lease, List<ExtractedPage> pages, List<ChunkDraft> chunks, DocumentStage? then = null)
    {
        await using var connection = await database.OpenConnectionAsync(lease.Token);
        await using var transaction = await connection.BeginTransactionAsync(lease.Token);
        lease.Stage = then ?? lease.Stage;
        await lease.HoldAsync(connection);
        await PassageRows.CopyPagesAsync(connection, seal, lease.DocumentId, pages, lease.Token);
        await PassageRows.CopyChunksAsync(connection, seal, lease.DocumentId, lease.BotId, chunks, lease.Token);
        await transaction.CommitAsync(lease.Token);
        pages.Clear();
        chunks.Clear();
    }

    /// <summary>To the end: until the document is ready with vectors of the set that is active by then.</summary>
    private async Task EmbedStoredAsync(DocumentLease lease)
    {
        for (var live = await embeddings.CurrentAsync(lease.Token); ; live = await embeddings.LoadAsync(lease.Token))
        {
            lease.ChunksDone = await CountVectorsAsync(lease.DocumentId, live.Active.Key, lease.Token);
            for (var from = 0; live.Active.Embedder is not null;)
            {
                var chunks = await PassageRows.ReadChunksAsync(database, seal, lease.DocumentId, live.Active.Key, from, ChunksPerBatch, lease.Token);
                if (chunks.Count == 0)
                {
                    break;
                }

                var vectors = await EmbedAsync(lease, live, chunks);
                await using var connection = await database.OpenConnectionAsync(lease.Token);
                await using var transaction = await connection.BeginTransactionAsync(lease.Token);
                await lease.HoldAsync(connection);
                foreach (var (set, made) in vectors)
                {
                    await PassageRows.AddVectorsAsync(connection, set, made, lease.Token);
                }

                await transaction.CommitAsync(lease.Token);
                from = chunks[^1].Ordinal + 1;
            }

            if (await TryMarkReadyAsync(lease, live, [], [], []))
            {
                return;
            }
        }
    }

    /// <summary>By set: of the active one all, of the one in the shadow all or none.</summary>
    private async Task<IReadOnlyList<(string Set, IReadOnlyList<EmbeddedChunk> Vectors)>> EmbedAsync(DocumentLease lease, LiveEmbeddings live, IReadOnlyList<(int Ordinal, string Text)> chunks)
    {
        var made = new List<(string, IReadOnlyList<EmbeddedChunk>)>();
        if (live.Active.Embedder is not null)
        {
            made.Add((live.Active.Key, await EmbedAsync(lease, live.Active, chunks, count => lease.ChunksDone += count, lease.Token)));
        }

        if (live.Building is { Embedder: not null } building)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(lease.Token);
            patience.CancelAfter(ShadowPatience);
            try
            {
                made.Add((building.Key, await EmbedAsync(lease, building, chunks, _ => { }, patience.Token)));
            }
            catch (Exception e) when (!lease.Token.IsCancellationRequested && e is ProviderException or HttpRequestException or OperationCanceledException)
            {
                LogNotInShadow(logger, lease.DocumentId, e.GetType().Name);
            }
        }

        return made;
    }

    private async Task<List<EmbeddedChunk>> EmbedAsync(DocumentLease lease, EmbeddingTarget target, IReadOnlyList<(int Ordinal, string Text)> chunks, Action<int> done, CancellationToken cancellationToken)
    {
        var vectors = new List<EmbeddedChunk>(chunks.Count);
        foreach (var request in chunks.Chunk(ChunksPerRequest))
        {
            // What the model will not take is found by its words.
            var made = await PassageVectors.MakeAsync(target.Embedder!, [.. request.Select(c => c.Text)], cancellationToken);
            vectors.AddRange(request.Zip(made.Vectors).Where(p => p.Second is not null).Select(p => new EmbeddedChunk(PassageRows.ChunkId(lease.DocumentId, p.First.Ordinal), p.Second!.Value)));
            done(request.Length);
        }

        await index.AddAsync(target.Key, lease.BotId, lease.DocumentId, vectors, cancellationToken);
        return vectors;
    }

    /// <summary>What is left to write, the collection's next version, and the stage, all or nothing. False: another set has become active, and wants its vectors first.</summary>
    private async Task<bool> TryMarkReadyAsync(
        DocumentLease lease, LiveEmbeddings live, List<ExtractedPage> pages, List<ChunkDraft> chunks, IReadOnlyList<(string Set, IReadOnlyList<EmbeddedChunk> Vectors)> vectors)
    {
        var token = lease.Token;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(token);
        await db.HoldEmbeddingsAsync(token);
        var sets = await db.EmbeddingSets.AsNoTracking().Where(s => s.State == EmbeddingSetState.Active || s.State == EmbeddingSetState.Building).Select(s => new { s.Id, s.Key, s.State }).ToListAsync(token);
        if (sets.Find(s => s.State == EmbeddingSetState.Active)?.Id != live.Active.Id)
        {
            return false;
        }

        await lease.StopAsync();
        var document = await db.Documents.SingleOrDefaultAsync(d => d.Id == lease.DocumentId && d.LeasedBy == lease.Holder, token);
        if (document is null || document.IsFinal)
        {
            await lease.LoseAsync();
            token.ThrowIfCancellationRequested();
        }

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (chunks.Count > 0)
        {
            await PassageRows.CopyPagesAsync(connection, seal, lease.DocumentId, pages, token);
            await PassageRows.CopyChunksAsync(connection, seal, lease.DocumentId, lease.BotId, chunks, token);
        }

        // What was written for a set that is neither any more would be found by nobody, and removed by nobody.
        var wanted = sets.Select(s => s.Key).Append(live.Active.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (set, made) in vectors.Where(v => wanted.Contains(v.Set)))
        {
            await PassageRows.AddVectorsAsync(connection, set, made, token);
        }

        await db.ChunkVectors.Where(v => v.DocumentId == lease.DocumentId && !wanted.Contains(v.Model)).ExecuteDeleteAsync(token);
        (document!.ContentType, document.EmbeddingModel) = (lease.ContentType ?? document.ContentType, live.Active.Embedder is null ? null : live.Active.Key);
        (document.HasPages, document.PagesTotal) = (document.HasPages || lease.PagesTotal is not null, lease.PagesTotal ?? document.PagesTotal);
        (document.PagesDone, document.Characters) = (lease.PagesDone, lease.Characters ?? document.Characters);
        (document.ChunksTotal, document.ChunksDone) = (lease.ChunksTotal, lease.ChunksTotal);
        document.MarkReady(await db.NextKnowledgeVersionAsync(lease.BotId, token), time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(token);
        }
        catch (DbUpdateConcurrencyException)
        {
            await lease.LoseAsync();
            token.ThrowIfCancellationRequested();
        }

        await transaction.CommitAsync(token);
        LogReady(logger, lease.DocumentId, lease.ChunksTotal);
        return true;
    }

    /// <summary>False when the document is not this attempt's any more.</summary>
    private async Task<bool> FailAsync(Document leased, UnreadableDocumentException why, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var document = await db.Documents.SingleOrDefaultAsync(d => d.Id == leased.Id && d.LeasedBy == leased.LeasedBy, cancellationToken);
        if (document is null || document.IsFinal)
        {
            return false;
        }

        document.Fail(why.Code, why.Message, time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        await PassageRows.DeleteAsync((NpgsqlConnection)db.Database.GetDbConnection(), leased.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<IngestResult> AfterLossAsync(DocumentLease lease, CancellationToken cancellationToken)
    {
        await lease.StopAsync();
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Locked, so that a retry cannot begin between the look and the clearing away.
        await using var command = new NpgsqlCommand("select stage from knowledge.documents where id = $1 for update", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = lease.DocumentId } },
        };
        var stage = (string?)await command.ExecuteScalarAsync(cancellationToken);
        if (stage == nameof(DocumentStage.Cancelled))
        {
            await PassageRows.DeleteAsync(connection, lease.DocumentId, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (stage is null or nameof(DocumentStage.Cancelled))
        {
            await index.RemoveDocumentAsync((await embeddings.LoadAsync(cancellationToken)).Keys, lease.BotId, lease.DocumentId, cancellationToken);
        }

        return stage switch
        {
            null => IngestResult.Gone,
            nameof(DocumentStage.Ready) or nameof(DocumentStage.Failed) or nameof(DocumentStage.Cancelled) => IngestResult.Done,
            _ => IngestResult.LeasedElsewhere,
        };
    }

    /// <summary>So that the next attempt need not wait for the lease to expire. When even this fails, it expires.</summary>
    /// <param name="isTheDocuments">False: nothing is wrong with the document, so the attempt does not count against it.</param>
    private async Task GiveBackAsync(DocumentLease lease, bool isTheDocuments)
    {
        try
        {
            await using var command = database.CreateCommand("update knowledge.documents set leased_by = null, leased_until = null, attempts = greatest(0, attempts - $3) where id = $1 and leased_by = $2");
            command.CommandTimeout = 2;
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = lease.DocumentId });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = lease.Holder });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = isTheDocuments ? 0 : 1 });
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            LogNotGivenBack(logger, lease.DocumentId, e.GetType().Name);
        }
    }

    private async Task<bool> HasAllChunksAsync(Document document, CancellationToken cancellationToken)
    {
        // A short document shows "embedding" before its chunks are written, so the stage alone does not prove it.
        await using var command = database.CreateCommand("select count(*) from knowledge.chunks where document_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = document.Id });
        return document.ChunksTotal > 0 && (long)(await command.ExecuteScalarAsync(cancellationToken))! == document.ChunksTotal;
    }

    private async Task<int> CountVectorsAsync(Guid documentId, string set, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*)::int from knowledge.chunk_vectors where document_id = $1 and model = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = documentId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = set });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Document {DocumentId} was not embedded with the model that is being introduced ({Error}); that is made up for.")]
    private static partial void LogNotInShadow(ILogger logger, Guid documentId, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Document {DocumentId} is ready with {Chunks} chunks.")]
    private static partial void LogReady(ILogger logger, Guid documentId, int chunks);

    [LoggerMessage(Level = LogLevel.Information, Message = "Document {DocumentId} cannot be read: {Code}.")]
    private static partial void LogFailed(ILogger logger, Guid documentId, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease on document {DocumentId} could not be given back ({Error}); it expires by itself.")]
    private static partial void LogNotGivenBack(ILogger logger, Guid documentId, string error);
}
