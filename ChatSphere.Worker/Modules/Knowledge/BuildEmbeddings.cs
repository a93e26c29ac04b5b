using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Knowledge;

public enum BuildResult
{
    /// <summary>There is nothing to build, or another process builds it.</summary>
    Nothing,

    /// <summary>It is whole, and searched from now on.</summary>
    Switched,

    /// <summary>Given up for good; what was searched before stays.</summary>
    Failed,

    /// <summary>An administrator gave it up, or another process took over.</summary>
    Lost,
}

/// <summary>
/// Embeds every passage with the model that was chosen, beside the vectors that are searched meanwhile, and switches when none is missing. What is missing is asked of the
/// database each time, so there is no place to lose: a process that goes on where another was killed, or after documents came and went, simply finds what is left.
/// </summary>
public sealed partial class BuildEmbeddings(
    NpgsqlDataSource database, ContentSeal seal, IServiceScopeFactory scopes, EmbeddingSets embeddings, IVectorIndex index, IOptions<EmbeddingOptions> options, TimeProvider time, ILogger<BuildEmbeddings> logger)
    : BackgroundService
{
    private const int PassagesPerBatch = 256;
    private const int PassagesPerRequest = 64;

    /// <summary>So often in a row a model may say no before that is taken for its last word; half a minute with the waits between.</summary>
    private const int MaxRefusals = 5;

    /// <summary>So many passages in a row that a model will not take, none of them taken, are the model's fault and not the passages'.</summary>
    private const int MaxUnfit = 32;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenSwitches = TimeSpan.FromMilliseconds(100);

    private sealed record Passage(Guid Id, Guid DocumentId, Guid BotId, string Text);

    /// <summary>Builds what there is to build, to its end.</summary>
    /// <exception cref="Exception">The database is away: call again.</exception>
    public async Task<BuildResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var lease = await EmbeddingLease.TakeAsync(database, time, logger, cancellationToken);
        if (lease is null)
        {
            return BuildResult.Nothing;
        }

        using var activity = KnowledgeTelemetry.Source.StartActivity("build embeddings");
        try
        {
            if ((await embeddings.LoadAsync(lease.Token)).Building is not { } target || target.Id != lease.SetId)
            {
                return BuildResult.Lost;
            }

            return await BuildAsync(target, lease);
        }
        catch (OperationCanceledException) when (lease.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return BuildResult.Lost;
        }
        finally
        {
            await embeddings.LoadAsync(CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && e is not OutOfMemoryException)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    private async Task<BuildResult> BuildAsync(EmbeddingTarget target, EmbeddingLease lease)
    {
        LogBuilding(logger, lease.SetId, target.Model);
        await CountAsync(target, lease);

        // First everything, then only what has changed since the round before began: documents become ready at any time.
        string? since = null;
        var began = await HorizonAsync(lease.Token);
        var (after, failures) = (Guid.Empty, 0);
        while (true)
        {
            try
            {
                for (; await MissingAsync(target, after, since, lease.Token) is { Count: > 0 } batch; after = batch[^1].Id)
                {
                    await EmbedAsync(target, lease, batch);
                    failures = 0;
                    (lease.Trouble, lease.FailingSince) = (null, null);
                }

                if (await TrySwitchAsync(target, lease, began))
                {
                    LogSwitched(logger, lease.SetId, target.Model, lease.Done);
                    return BuildResult.Switched;
                }

                (since, began, after) = (began, await HorizonAsync(lease.Token), Guid.Empty);
                await Task.Delay(BetweenSwitches, time, lease.Token);
            }
            catch (Exception e) when (!lease.Token.IsCancellationRequested && e is ProviderException or HttpRequestException)
            {
                failures++;
                lease.FailingSince ??= time.GetUtcNow();
                lease.Trouble = e is ProviderException ? e.Message : "The vector index cannot be reached.";
                var refused = e is ProviderException { Status: >= 400 and < 500 and not (408 or 429) };
                if ((refused && failures >= MaxRefusals) || time.GetUtcNow() - lease.FailingSince >= options.Value.EmbeddingPatience)
                {
                    return await FailAsync(target, lease) ? BuildResult.Failed : BuildResult.Lost;
                }

                var wait = (e as ProviderException)?.RetryAfter ?? TimeSpan.Zero;
                var own = options.Value.EmbeddingBackoff * Math.Pow(2, Math.Min(failures - 1, 16)) * (0.75 + (Random.Shared.NextDouble() / 2));
                wait = new[] { wait, own < LongestWait ? own : LongestWait }.Max();
                LogTrouble(logger, lease.SetId, failures, lease.Trouble);
                await Task.Delay(wait < options.Value.EmbeddingPatience ? wait : options.Value.EmbeddingPatience, time, lease.Token);
            }
        }
    }

    /// <summary>How much there is to do, and how much is done, in truth: in between both are only counted on.</summary>
    private async Task CountAsync(EmbeddingTarget target, EmbeddingLease lease)
    {
        await using var command = database.CreateCommand("""
            select (select coalesce(sum(d.chunks_total), 0)::int from knowledge.documents d where d.stage = 'Ready'),
              (select count(*)::int from knowledge.chunk_vectors v where v.model = $1),
              (select count(*)::int from knowledge.embedding_refusals r where r.set_id = $2)
            """);
        command.CommandTimeout = 300;
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = target.Key });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = lease.SetId });
        await using var reader = await command.ExecuteReaderAsync(lease.Token);
        await reader.ReadAsync(lease.Token);
        (lease.Total, lease.Done, lease.Refused) = (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    /// <summary>What was committed before this moment, every later statement sees; what was not, is a row of a transaction that is not older.</summary>
    private async Task<string> HorizonAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select pg_snapshot_xmin(pg_current_snapshot())::xid::text");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>In the order of the primary key, so that each batch begins where the one before ended.</summary>
    /// <param name="since">A horizon: only of documents that have changed since. Null: of all.</param>
    private async Task<List<Passage>> MissingAsync(EmbeddingTarget target, Guid after, string? since, CancellationToken cancellationToken)
    {
        // "offset 0" makes the planner look each passage up in the order that is asked for: it knows nothing of a set that has just begun, takes it for empty, and would
        // rather read all vectors of all sets each time.
        const string Missing = """
            c.id > $1
              and not exists (select from knowledge.chunk_vectors v where v.chunk_id = c.id and v.model = $2 offset 0)
              and not exists (select from knowledge.embedding_refusals r where r.chunk_id = c.id and r.set_id = $3 offset 0)
            """;
        await using var command = database.CreateCommand(since is null ? $"""
            select c.id, c.document_id, c.bot_id, c.context, c.text from knowledge.chunks c
            where {Missing} and exists (select from knowledge.documents d where d.id = c.document_id and d.stage = 'Ready' offset 0)
            order by c.id limit $4
            """ : $"""
            with d as materialized (select id from knowledge.documents where stage = 'Ready' and age(xmin) <= age($5::text::xid))
            select c.id, c.document_id, c.bot_id, c.context, c.text from d cross join lateral (select * from knowledge.chunks k where k.document_id = d.id offset 0) c
            where {Missing}
            order by c.id limit $4
            """);
        command.CommandTimeout = 300;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = target.Key });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = target.Id!.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PassagesPerBatch });
        if (since is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = since });
        }

        var passages = new List<Passage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            passages.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), PassageRows.TextToEmbed(
                seal.Open(ContentPurposes.Passage, reader.GetString(3)), seal.Open(ContentPurposes.Passage, reader.GetString(4)))));
        }

        return passages;
    }

    private async Task EmbedAsync(EmbeddingTarget target, EmbeddingLease lease, List<Passage> batch)
    {
        if (target.Embedder is not { } embedder)
        {
            return;
        }

        // A batch's requests at once: enough to keep a provider busy, and never more in memory than a batch.
        var answers = await Task.WhenAll(batch.Chunk(PassagesPerRequest).Select(r => PassageVectors.MakeAsync(embedder, [.. r.Select(p => p.Text)], lease.Token)));
        var vectors = answers.SelectMany(a => a.Vectors).ToList();
        if (batch.Count >= MaxUnfit && vectors.TrueForAll(v => v is null))
        {
            throw new ProviderException($"{target.Model} takes none of the passages.", 400);
        }

        var made = batch.Zip(vectors, (p, v) => (Passage: p, Vector: v)).Where(p => p.Vector is not null).Select(p => (p.Passage, Chunk: new EmbeddedChunk(p.Passage.Id, p.Vector!.Value))).ToList();
        Guid[] refused = [.. batch.Zip(vectors, (p, v) => (p.Id, v)).Where(p => p.v is null).Select(p => p.Id)];

        // Before the rows, which say that it is done.
        foreach (var document in made.GroupBy(m => (m.Passage.BotId, m.Passage.DocumentId)))
        {
            await index.AddAsync(target.Key, document.Key.BotId, document.Key.DocumentId, [.. document.Select(m => m.Chunk)], lease.Token);
        }

        await using (var connection = await database.OpenConnectionAsync(lease.Token))
        await using (var transaction = await connection.BeginTransactionAsync(lease.Token))
        {
            await lease.HoldAsync(connection);
            await PassageRows.AddVectorsAsync(connection, target.Key, [.. made.Select(m => m.Chunk)], lease.Token);
            await using var refuse = new NpgsqlCommand("""
                insert into knowledge.embedding_refusals (chunk_id, set_id) select c.id, $1 from knowledge.chunks c where c.id = any($2) for key share of c on conflict do nothing
                """, connection);
            refuse.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = lease.SetId });
            refuse.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = refused });
            await refuse.ExecuteNonQueryAsync(lease.Token);
            await transaction.CommitAsync(lease.Token);
        }

        lease.Done += made.Count;
        lease.Refused += refused.Length;
        lease.TokensRead += answers.Sum(a => a.Tokens);
        await RemoveGoneAsync(target, batch, lease.Token);
    }

    /// <summary>Documents deleted since the batch was read: whoever cleared up after them may have done so before their vectors came.</summary>
    private async Task RemoveGoneAsync(EmbeddingTarget target, List<Passage> batch, CancellationToken cancellationToken)
    {
        var documents = batch.Select(p => (p.BotId, p.DocumentId)).Distinct().ToList();
        await using var command = database.CreateCommand("select id from unnest($1) u(id) where not exists (select from knowledge.documents d where d.id = u.id)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. documents.Select(d => d.DocumentId)] });
        var gone = new HashSet<Guid>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                gone.Add(reader.GetGuid(0));
            }
        }

        foreach (var (botId, documentId) in documents.Where(d => gone.Contains(d.DocumentId)))
        {
            await index.RemoveDocumentAsync([target.Key], botId, documentId, cancellationToken);
        }
    }

    /// <summary>False: a passage is missing still. In one transaction, in which no document becomes ready: afterwards all nodes find all passages in the new set.</summary>
    /// <param name="since">When the last round began: what was ready then has its vectors.</param>
    private async Task<bool> TrySwitchAsync(EmbeddingTarget target, EmbeddingLease lease, string since)
    {
        await CountAsync(target, lease);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
        await using var transaction = await db.Database.BeginTransactionAsync(lease.Token);
        await db.LockEmbeddingsAsync(lease.Token);
        await lease.HoldAsync((NpgsqlConnection)db.Database.GetDbConnection());
        if (target.Embedder is not null && (await MissingAsync(target, Guid.Empty, since, lease.Token)).Count > 0)
        {
            return false;
        }

        var now = time.GetUtcNow();
        await db.RetireActiveEmbeddingsAsync(embeddings.RetiredConfiguration(now), now, lease.Token);
        if (await db.EmbeddingSets.Where(s => s.Id == lease.SetId && s.State == EmbeddingSetState.Building).ExecuteUpdateAsync(s => s
            .SetProperty(x => x.State, EmbeddingSetState.Active).SetProperty(x => x.ActiveSince, now).SetProperty(x => x.PassagesTotal, lease.Total).SetProperty(x => x.PassagesDone, lease.Done)
            .SetProperty(x => x.PassagesRefused, lease.Refused).SetProperty(x => x.TokensRead, lease.TokensRead).SetProperty(x => x.Trouble, (string?)null).SetProperty(x => x.FailingSince, (DateTimeOffset?)null), lease.Token) != 1)
        {
            return false;
        }

        scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.EmbeddingsSwitched, "embeddings", lease.SetId, new { model = target.Model, passages = lease.Done, refused = lease.Refused });
        await db.SaveChangesAsync(lease.Token);

        // Past the point of no return: the beat may find the set built, and must not make this look like a loss.
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    private async Task<bool> FailAsync(EmbeddingTarget target, EmbeddingLease lease)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(lease.Token);
        var (now, reason) = (time.GetUtcNow(), lease.Trouble);
        if (await db.EmbeddingSets.Where(s => s.Id == lease.SetId && s.LeasedBy == lease.Holder && s.State == EmbeddingSetState.Building).ExecuteUpdateAsync(s => s
            .SetProperty(x => x.State, EmbeddingSetState.Failed).SetProperty(x => x.EndedAt, now).SetProperty(x => x.FailureReason, reason).SetProperty(x => x.Trouble, (string?)null)
            .SetProperty(x => x.PassagesDone, lease.Done).SetProperty(x => x.PassagesRefused, lease.Refused).SetProperty(x => x.TokensRead, lease.TokensRead), lease.Token) != 1)
        {
            return false;
        }

        scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.EmbeddingsFailed, "embeddings", lease.SetId, new { model = target.Model, passages = lease.Done }, reason);
        await db.SaveChangesAsync(lease.Token);
        await transaction.CommitAsync(CancellationToken.None);
        LogGivenUp(logger, lease.SetId, target.Model, reason);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The vectors {SetId} are being built with {Model}.")]
    private static partial void LogBuilding(ILogger logger, Guid setId, string? model);

    [LoggerMessage(Level = LogLevel.Information, Message = "The vectors {SetId} of {Model} are complete with {Passages} passages and searched from now on.")]
    private static partial void LogSwitched(ILogger logger, Guid setId, string? model, int passages);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vectors {SetId} could not be built on, {Failures} times in a row: {Reason}")]
    private static partial void LogTrouble(ILogger logger, Guid setId, int failures, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The vectors {SetId} of {Model} were given up; the ones before stay: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, Guid setId, string? model, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Vectors could not be built now ({Kind}); trying again.")]
    private static partial void LogFailed(ILogger logger, string kind);
}
