using System.Text;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Worker.Modules.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace ChatSphere.Tests.Knowledge;

public sealed class IngestingDocumentsTests(KnowledgeDatabase database)
{
    private static string Long { get; } = string.Join("\n\n", Enumerable.Range(1, 2_000).Select(i => $"Paragraph {i} says that the station measured {i * 7} metres at high water, {i * 3} at low water, and that nobody was there to see it, except for the keeper of light number {i % 40}, who wrote it down as he does every single day of the year."));

    [Fact]
    public async Task Document_becomes_ready_with_all_that_was_made_of_it()
    {
        var bot = await database.BotAsync();
        var document = await database.IngestAsync(bot, "keeper.txt", Long);
        var text = await database.TextAsync(document.Id);
        var chunks = await database.ChunksAsync(document.Id);

        Assert.Equal((DocumentStage.Ready, text.Length, chunks.Count, chunks.Count), (document.Stage, document.Characters, document.ChunksTotal, document.ChunksDone));
        Assert.Equal(LocalEmbedder.Model, document.EmbeddingModel);
        Assert.NotNull(document.IndexVersion);
        Assert.Null(document.LeasedBy);
        Assert.True(chunks.Count > 256);
        Assert.All(chunks, c => Assert.Equal(text[c.Start..c.End], c.Text));
        Assert.Equal(chunks.Count, await VectorsAsync(document.Id));
        Assert.Equal(1, await EventsAsync("knowledge.document-ready.v1", document.Id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Work_goes_on_after_a_kill_without_loss_or_doubles(int requestsBefore)
    {
        var bot = await database.BotAsync();
        var id = await database.UploadAsync(bot, "keeper.txt", Long);
        var embedder = new FailingEmbedder(requestsBefore);
        using (var dying = await database.ProcessAsync(b => b.Services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(embedder)))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => dying.Services.GetRequiredService<DocumentIngestor>().IngestAsync(id, TestContext.Current.CancellationToken));
        }

        // A killed process gives nothing back.
        await ExecuteAsync($"update knowledge.documents set leased_by = 'dead', leased_until = now() + interval '30 seconds' where id = '{id}'");
        Assert.Equal(IngestResult.LeasedElsewhere, await IngestAsync(id));
        await ExecuteAsync($"update knowledge.documents set leased_until = now() - interval '1 second' where id = '{id}'");
        Assert.Equal(IngestResult.Done, await IngestAsync(id));

        var document = (await database.FindAsync(id))!;
        var chunks = await database.ChunksAsync(id);
        Assert.Equal(DocumentStage.Ready, document.Stage);
        Assert.Equal(Enumerable.Range(0, document.ChunksTotal), chunks.Select(c => c.Ordinal));
        Assert.Equal(chunks.Count, await VectorsAsync(id));
        Assert.Equal(document.Characters, (await database.TextAsync(id)).Length);
    }

    [Fact]
    public async Task Of_two_workers_with_the_same_document_one_works()
    {
        var bot = await database.BotAsync();
        var id = await database.UploadAsync(bot, "keeper.txt", Long);
        using var other = await database.ProcessAsync();

        var results = await Task.WhenAll(
            IngestAsync(id), other.Services.GetRequiredService<DocumentIngestor>().IngestAsync(id, TestContext.Current.CancellationToken), IngestAsync(id));

        Assert.Equal(1, results.Count(r => r == IngestResult.Done) - (await database.FindAsync(id))!.Attempts + 1);
        Assert.Equal(1, await EventsAsync("knowledge.document-ready.v1", id));
        Assert.Equal((await database.FindAsync(id))!.ChunksTotal, await VectorsAsync(id));
    }

    [Fact]
    public async Task Cancelled_document_stops_and_leaves_nothing()
    {
        var bot = await database.BotAsync();
        var id = await database.UploadAsync(bot, "keeper.txt", Long);
        var (process, working) = await HangingAsync(id);
        using (process)
        {
            await CancelAsync(id);
            Assert.Equal(IngestResult.Done, await working.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        }

        Assert.Equal(DocumentStage.Cancelled, (await database.FindAsync(id))!.Stage);
        Assert.Empty(await database.ChunksAsync(id));
        Assert.Empty(await database.TextAsync(id));
    }

    [Fact]
    public async Task Document_deleted_while_it_is_read_ends_quietly()
    {
        var bot = await database.BotAsync();
        var id = await database.UploadAsync(bot, "keeper.txt", Long);
        var (process, working) = await HangingAsync(id);
        using (process)
        {
            await ExecuteAsync($"delete from knowledge.documents where id = '{id}'");
            Assert.Equal(IngestResult.Gone, await working.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        }

        Assert.Equal(IngestResult.Gone, await IngestAsync(id));
    }

    [Fact]
    public async Task Unreadable_document_fails_with_a_reason_and_can_be_retried()
    {
        var bot = await database.BotAsync();
        var document = await database.IngestAsync(bot, "empty.txt", "   \n ");

        Assert.Equal((DocumentStage.Failed, "document_empty"), (document.Stage, document.FailureCode));
        Assert.EndsWith(".", document.Reason, StringComparison.Ordinal);
        await database.ChangeAsync(async db => Assert.True((await db.Documents.SingleAsync(d => d.Id == document.Id)).Retry(DateTimeOffset.UtcNow)));
        Assert.Equal(IngestResult.Done, await IngestAsync(document.Id));
    }

    [Fact]
    public async Task Abandoned_document_is_queued_again_and_given_up_after_too_many_attempts()
    {
        var bot = await database.BotAsync();
        var id = await database.UploadAsync(bot, "keeper.txt", "Some text.");
        using var process = await database.ProcessAsync();
        var sweep = process.Services.GetServices<IHostedService>().OfType<RequeueAbandonedDocuments>().Single();

        await sweep.SweepAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, await EventsAsync("knowledge.document-queued.v1", id));

        await ExecuteAsync($"update knowledge.documents set leased_by = 'dead', leased_until = now() - interval '2 minutes', attempts = 1, stage = 'Extracting' where id = '{id}'");
        await sweep.SweepAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, await EventsAsync("knowledge.document-queued.v1", id));

        await ExecuteAsync($"update knowledge.documents set leased_by = 'dead', leased_until = now() - interval '2 minutes', attempts = 5 where id = '{id}'");
        await sweep.SweepAsync(TestContext.Current.CancellationToken);
        Assert.Equal("document_attempts_exhausted", (await database.FindAsync(id))!.FailureCode);
    }

    [Fact]
    public async Task File_goes_with_the_last_document_that_used_it()
    {
        var (one, two) = (await database.BotAsync(), await database.BotAsync());
        var content = Encoding.UTF8.GetBytes($"Shared by two bots: {Guid.NewGuid()}");
        var (first, second) = (await database.IngestAsync(one, "a.txt", content), await database.IngestAsync(two, "b.txt", content));
        var blobs = await database.GetAsync<BlobStore>();

        await DeleteAsync(one, first);
        Assert.True(blobs.Exists(first.Sha256));
        await DeleteAsync(two, second);
        Assert.False(blobs.Exists(first.Sha256));
    }

    [Fact]
    public async Task Deleted_bot_loses_its_documents()
    {
        var bot = await database.BotAsync();
        for (var i = 0; i < 25; i++)
        {
            await database.UploadAsync(bot, $"{i}.txt", $"Text {i}");
        }

        await HandleAsync<ForgetBot>(h => h.HandleAsync(new BotDeleted(bot.Id), TestContext.Current.CancellationToken));

        Assert.Equal(0, await database.CountAsync($"select count(*) from knowledge.documents where bot_id = '{bot.Id}'"));
        Assert.Equal(25, await database.CountAsync($"select count(*) from messaging.outbox where type = 'knowledge.document-deleted.v1' and payload like '%{bot.Id}%'"));
    }

    private async Task<IngestResult> IngestAsync(Guid id) => await (await database.GetAsync<DocumentIngestor>()).IngestAsync(id, TestContext.Current.CancellationToken);

    /// <summary>A process that has stored the chunks and waits for its embedder.</summary>
    private async Task<(IHost Process, Task<IngestResult> Working)> HangingAsync(Guid id)
    {
        var embedder = new FailingEmbedder(1, hang: true);
        var process = await database.ProcessAsync(b => b.Services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(embedder));
        var working = process.Services.GetRequiredService<DocumentIngestor>().IngestAsync(id, TestContext.Current.CancellationToken);
        await embedder.Reached.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return (process, working);
    }

    private async Task CancelAsync(Guid id)
    {
        // As the Api does: again when the worker showed progress in between.
        for (var tries = 0; ; tries++)
        {
            try
            {
                await database.ChangeAsync(async db => Assert.True((await db.Documents.SingleAsync(d => d.Id == id)).Cancel(DateTimeOffset.UtcNow)));
                return;
            }
            catch (DbUpdateConcurrencyException) when (tries < 10)
            {
            }
        }
    }

    private async Task DeleteAsync(Bot bot, Document document)
    {
        await ExecuteAsync($"delete from knowledge.documents where id = '{document.Id}'");
        await HandleAsync<ForgetDocument>(h => h.HandleAsync(new DocumentDeleted(document.Id, bot.Id, document.UploadedBy, document.Sha256), TestContext.Current.CancellationToken));
    }

    private async Task HandleAsync<T>(Func<T, Task> handle)
        where T : notnull
    {
        await using var scope = (await database.GetAsync<IServiceScopeFactory>()).CreateAsyncScope();
        await using var transaction = typeof(T) == typeof(ForgetBot) ? null : await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await handle(scope.ServiceProvider.GetRequiredService<T>());
        if (transaction is not null)
        {
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = (await database.GetAsync<NpgsqlDataSource>()).CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private Task<long> VectorsAsync(Guid id) => database.CountAsync($"select count(*) from knowledge.chunk_vectors where document_id = '{id}'");

    private Task<long> EventsAsync(string name, Guid id) => database.CountAsync($"select count(*) from messaging.outbox where type = '{name}' and ordering_key = '{id}'");

    /// <summary>The local embedder, which breaks off or hangs after some requests.</summary>
    private sealed class FailingEmbedder(int requests, bool hang = false) : IEmbeddingGenerator<string, Embedding<float>>
    {
        private readonly LocalEmbedder _local = new();
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = requests;

        public Task Reached => _reached.Task;

        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            if (_left-- > 0)
            {
                return await _local.GenerateAsync(values, options, cancellationToken);
            }

            _reached.TrySetResult();
            if (hang)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            throw new HttpRequestException("The embedder is away.");
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => _local.GetService(serviceType, serviceKey);

        public void Dispose() => _local.Dispose();
    }
}
