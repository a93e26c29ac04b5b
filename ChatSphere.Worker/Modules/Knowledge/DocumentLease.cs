using ChatSphere.Data.Knowledge;
using Npgsql;
using NpgsqlTypes;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>
/// The right to work on a document, kept alive twice a second while the work goes on. The same statement shows the progress and finds out that the document was cancelled,
/// deleted or taken over, upon which <see cref="Token"/> is cancelled. Every write of the work goes through <see cref="HoldAsync"/>, so a process that slept
/// through its lease cannot write into its successor's work.
/// </summary>
internal sealed partial class DocumentLease : IAsyncDisposable
{
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlDataSource _database;
    private readonly IDocumentProgress _progress;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;
    private (DocumentStage, int, int, int) _shown;
    private int _pagesDone;
    private int _chunksTotal;
    private int _chunksDone;

    public DocumentLease(Document document, string holder, NpgsqlDataSource database, IDocumentProgress progress, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        (DocumentId, BotId, Holder) = (document.Id, document.BotId, holder);
        (_database, _progress, _time, _logger) = (database, progress, time, logger);
        (Stage, _pagesDone, _chunksTotal, _chunksDone) = (document.Stage, document.PagesDone, document.ChunksTotal, document.ChunksDone);
        _shown = Seen;
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _beating = BeatAsync();
    }

    public Guid DocumentId { get; }

    public Guid BotId { get; }

    /// <summary>Unique for each attempt, so that two deliveries within one process exclude each other as well.</summary>
    public string Holder { get; }

    public CancellationToken Token => _lost.Token;

    public bool IsLost { get; private set; }

    public DocumentStage Stage { get; set; }

    public string? ContentType { get; set; }

    public int? PagesTotal { get; set; }

    public int PagesDone { get => _pagesDone; set => _pagesDone = value; }

    public int ChunksTotal { get => _chunksTotal; set => _chunksTotal = value; }

    public int ChunksDone { get => _chunksDone; set => _chunksDone = value; }

    public int? Characters { get; set; }

    private (DocumentStage, int, int, int) Seen => (Stage, _pagesDone, _chunksTotal, _chunksDone);

    /// <summary>Shows the progress and locks the document's row for the caller's transaction.</summary>
    /// <exception cref="OperationCanceledException">The lease is lost.</exception>
    public async Task HoldAsync(NpgsqlConnection connection)
    {
        if (!await WriteAsync(connection, Token))
        {
            await LoseAsync();
            Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Ends the beating, so that the document can be changed as an entity without two writers.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _beating;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task BeatAsync()
    {
        var until = _time.GetTimestamp();
        using var timer = new PeriodicTimer(Beat, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await using var connection = await _database.OpenConnectionAsync(_stop.Token);
                    var seen = Seen;
                    if (!await WriteAsync(connection, _stop.Token))
                    {
                        await LoseAsync();
                        return;
                    }

                    until = _time.GetTimestamp();
                    if (seen != _shown)
                    {
                        _shown = seen;
                        await _progress.ChangedAsync(DocumentId, _stop.Token);
                    }
                }
                catch (NpgsqlException e) when (_time.GetElapsedTime(until) < Duration)
                {
                    LogBeatFailed(_logger, DocumentId, e.GetType().Name);
                }
                catch (NpgsqlException)
                {
                    // Somebody else may hold it by now.
                    await LoseAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>The document is not this attempt's any more.</summary>
    public async Task LoseAsync()
    {
        IsLost = true;
        await _lost.CancelAsync();
    }

    private async Task<bool> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        await using var command = new NpgsqlCommand("""
            update knowledge.documents
            set stage = $3, stage_since = case when stage = $3 then stage_since else $4 end, updated_at = $4, leased_until = $5,
                content_type = coalesce($6, content_type), has_pages = has_pages or $7 is not null, pages_total = coalesce($7, pages_total),
                pages_done = $8, chunks_total = $9, chunks_done = $10, characters = coalesce($11, characters)
            where id = $1 and leased_by = $2 and stage not in ('Ready', 'Failed', 'Cancelled')
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = DocumentId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Holder });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Stage.ToString() });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now + Duration });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)ContentType ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)PagesTotal ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PagesDone });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ChunksTotal });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ChunksDone });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)Characters ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease on document {DocumentId} could not be renewed ({Error}); trying again.")]
    private static partial void LogBeatFailed(ILogger logger, Guid documentId, string error);
}
