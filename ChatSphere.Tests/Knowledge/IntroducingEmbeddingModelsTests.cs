using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Worker.Modules.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace ChatSphere.Tests.Knowledge;

/// <summary>One embedding model after another, on a database of their own: which model is active is the same for everybody on it.</summary>
public sealed class IntroducingEmbeddingModelsTests(KnowledgeDatabase shared, IntroducingEmbeddingModelsTests.OwnDatabase own) : IClassFixture<IntroducingEmbeddingModelsTests.OwnDatabase>, IAsyncLifetime
{
    private const string Question = "When was the lantern of station 7 trimmed?";
    private readonly List<IHost> _processes = [];
    private FakeEmbeddings _provider = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>More than one batch, so that there is a middle.</summary>
    private static string Long { get; } = string.Join("\n\n", Enumerable.Range(1, 1_300).Select(i => $"Paragraph {i}: station {i % 40} trimmed its lantern {i * 7} times, {i * 3} of them at low water, and nobody was there to see it but the keeper of light number {i % 13}, who wrote it down as he does every single day of the year, in ink, and twice."));

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeEmbeddings.StartAsync();
        own.Name ??= await shared.NewDatabaseAsync();
        await ExecuteAsync(await ProcessAsync(), "delete from knowledge.documents; delete from knowledge.embedding_sets; delete from knowledge.collections");
    }

    public async ValueTask DisposeAsync()
    {
        _processes.ForEach(p => p.Dispose());
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Searches_go_on_while_another_model_takes_over_and_never_mix_the_two(bool qdrant)
    {
        using var vectors = new FakeQdrant();
        Action<HostApplicationBuilder>? change = qdrant ? b => b.Services.AddSingleton<IVectorIndex>(new QdrantVectorIndex(vectors)) : null;
        var (searching, working, uploading) = (await ProcessAsync(change), await ProcessAsync(change), await ProcessAsync(change));
        var bot = await BotAsync(searching);
        var first = await IngestAsync(uploading, bot, "keeper.txt", Long);
        var doomed = await IngestAsync(uploading, bot, "doomed.txt", "The lantern of station 7 was trimmed in the year of the great storm.");

        // The new model stops in the middle until documents have come and gone.
        var (middle, goOn) = (Signal(), Signal());
        var requests = 0;
        _provider.Before = async (_, _, texts) =>
        {
            if (texts[0].StartsWith("keeper", StringComparison.Ordinal) && Interlocked.Increment(ref requests) == 5)
            {
                middle.SetResult();
                await goOn.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
            }

            return false;
        };
        using var stop = new CancellationTokenSource();
        var searches = SearchOnAsync(searching, bot, stop.Token);
        var set = await ChooseAsync(working, "embed-64", 64);
        var building = BuildAsync(working);
        await middle.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        var late = await IngestAsync(uploading, bot, "late.txt", "The lantern of station 99 is trimmed by nobody, ever.");
        await DeleteAsync(uploading, bot, doomed);
        Assert.Equal(BuildResult.Nothing, await BuildAsync(uploading));
        goOn.SetResult();

        Assert.Equal(BuildResult.Switched, await building);
        var asked = _provider.Embedded.Count(e => e.Text == Question);
        await Person.EventuallyAsync(() => Task.FromResult(_provider.Embedded.Count(e => e.Text == Question)), now => now > asked + 3);
        await stop.CancelAsync();
        var (count, without) = await searches;
        Assert.True(count > 5, $"Only {count} searches.");
        Assert.Equal(0, without);

        // Everything has the new vectors, of their own length, and the document that came meanwhile is found by them.
        var chunks = await CountAsync(working, "select count(*) from knowledge.chunks");
        Assert.Equal(chunks, await CountAsync(working, $"select count(*) from knowledge.chunk_vectors where model = '{set.Key}' and length(vector) = 256"));
        Assert.Contains(await SearchAsync(searching, bot, "station 99 nobody ever"), p => p.DocumentId == late.Id && p.VectorScore > 0.3);
        Assert.Equal(set.Key, (await IngestAsync(uploading, bot, "after.txt", "Said after the change.")).EmbeddingModel);
        Assert.DoesNotContain(_provider.Embedded.GroupBy(e => e.Text), g => g.Key.StartsWith("keeper", StringComparison.Ordinal) && g.Count() > 1);

        // What was searched before goes, and nothing else.
        Assert.Equal(chunks, await CountAsync(working, $"select count(*) from knowledge.chunk_vectors where model = '{LocalEmbedder.Model}'"));
        Assert.Equal(1, await working.Services.GetRequiredService<RemoveOldVectors>().SweepAsync(Token));
        Assert.Equal(0, await working.Services.GetRequiredService<RemoveOldVectors>().SweepAsync(Token));
        Assert.Equal(0, await CountAsync(working, $"select count(*) from knowledge.chunk_vectors where model <> '{set.Key}'"));
        Assert.Equal(chunks + 1, await CountAsync(working, $"select count(*) from knowledge.chunk_vectors where model = '{set.Key}'"));
        Assert.NotNull((await SearchAsync(searching, bot, Question))[0].VectorScore);
        if (qdrant)
        {
            Assert.StartsWith("chatsphere-embed-64-", Assert.Single(vectors.Collections), StringComparison.Ordinal);
            Assert.Equal((0, first.ChunksTotal), (vectors.PointsOf(doomed.Id), vectors.PointsOf(first.Id)));
        }
    }

    [Fact]
    public async Task What_a_killed_worker_had_done_is_not_done_again()
    {
        var (dying, next) = (await ProcessAsync(), await ProcessAsync());
        var bot = await BotAsync(dying);
        var document = await IngestAsync(dying, bot, "keeper.txt", Long);
        await ChooseAsync(dying, "embed-64", 64);

        // It hangs in its second batch and never comes back.
        var hanging = Signal();
        var requests = 0;
        _provider.Before = async (context, _, texts) =>
        {
            if (Interlocked.Increment(ref requests) > 4)
            {
                hanging.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return true;
            }

            return false;
        };
        using var kill = new CancellationTokenSource();
        var lost = dying.Services.GetRequiredService<BuildEmbeddings>().RunAsync(kill.Token);
        await hanging.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Equal(256, await CountAsync(next, "select count(*) from knowledge.chunk_vectors where model like 'embed-64%'"));
        Assert.Equal(BuildResult.Nothing, await BuildAsync(next));
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);

        // A killed process gives nothing back.
        await ExecuteAsync(next, "update knowledge.embedding_sets set leased_by = 'dead', leased_until = now() + interval '20 seconds' where state = 'Building'");
        Assert.Equal(BuildResult.Nothing, await BuildAsync(next));
        await ExecuteAsync(next, "update knowledge.embedding_sets set leased_until = now() - interval '1 second' where state = 'Building'");
        _provider.Before = (_, _, _) => Task.FromResult(false);
        var before = _provider.Embedded.Count;
        Assert.Equal(BuildResult.Switched, await BuildAsync(next));

        Assert.Equal(document.ChunksTotal - 256, _provider.Embedded.Count - before);
        Assert.Equal(document.ChunksTotal, _provider.Embedded.Distinct().Count());
        Assert.NotNull((await SearchAsync(next, bot, Question))[0].VectorScore);
    }

    [Fact]
    public async Task Of_several_workers_one_works()
    {
        var processes = new[] { await ProcessAsync(), await ProcessAsync(), await ProcessAsync() };
        var bot = await BotAsync(processes[0]);
        var document = await IngestAsync(processes[0], bot, "keeper.txt", Long);
        await ChooseAsync(processes[0], "embed-32", 32);

        var results = await Task.WhenAll(processes.Select(BuildAsync));

        Assert.Equal([BuildResult.Nothing, BuildResult.Nothing, BuildResult.Switched], results.Order());
        Assert.Equal(document.ChunksTotal, _provider.Embedded.Count);
        Assert.Equal(1, await CountAsync(processes[0], "select count(*) from audit.events where action = 'models.embeddings_switched' and target_id = (select id from knowledge.embedding_sets where state = 'Active')"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Document_read_while_the_model_changes_is_ready_with_the_new_ones_vectors(bool isLong)
    {
        var (reading, working) = (await ProcessAsync(), await ProcessAsync());
        var bot = await BotAsync(reading);
        await ChooseAsync(working, "embed-64", 64);
        Assert.Equal(BuildResult.Switched, await BuildAsync(working));
        var (reached, goOn) = (Signal(), Signal());
        _provider.Before = async (_, model, _) =>
        {
            if (model == "embed-64" && reached.TrySetResult())
            {
                await goOn.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
            }

            return false;
        };

        var ingesting = IngestAsync(reading, bot, "keeper.txt", isLong ? Long : "Short and sweet.");
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        var set = await ChooseAsync(working, "embed-32", 32);
        Assert.Equal(BuildResult.Switched, await BuildAsync(working));
        goOn.SetResult();

        var document = await ingesting;
        Assert.Equal((DocumentStage.Ready, set.Key), (document.Stage, document.EmbeddingModel));
        Assert.Equal(document.ChunksTotal, await CountAsync(working, $"select count(*) from knowledge.chunk_vectors where document_id = '{document.Id}' and model = '{set.Key}'"));
        Assert.Equal(document.ChunksTotal, await CountAsync(working, $"select count(*) from knowledge.chunk_vectors where document_id = '{document.Id}'"));
    }

    [Fact]
    public async Task Model_that_says_no_is_given_up_and_the_one_before_stays()
    {
        var (working, searching) = (await ProcessAsync(), await ProcessAsync());
        var bot = await BotAsync(working);
        await IngestAsync(working, bot, "keeper.txt", Long);
        _provider.Before = (context, _, _) => FakeEmbeddings.RefuseAsync(context, 401);
        var set = await ChooseAsync(working, "embed-64", 64);

        Assert.Equal(BuildResult.Failed, await BuildAsync(working));

        var row = await FindAsync(working, set.Id);
        Assert.Equal((EmbeddingSetState.Failed, "embed-64 refused the call with status 401."), (row.State, row.FailureReason));
        Assert.Equal(BuildResult.Nothing, await BuildAsync(working));
        Assert.NotNull((await SearchAsync(searching, bot, Question))[0].VectorScore);
        Assert.Equal(LocalEmbedder.Model, (await IngestAsync(working, bot, "more.txt", "Said afterwards.")).EmbeddingModel);
        Assert.Equal(1, await CountAsync(working, $"select count(*) from audit.events where action = 'models.embeddings_failed' and target_id = '{set.Id}'"));
    }

    [Fact]
    public async Task What_passes_is_waited_for_and_what_lasts_too_long_is_not()
    {
        var working = await ProcessAsync();
        var bot = await BotAsync(working);
        await IngestAsync(working, bot, "short.txt", "The keeper writes in ink.");
        var left = 4;
        _provider.Before = (context, _, _) => Interlocked.Decrement(ref left) switch
        {
            >= 2 => FakeEmbeddings.RefuseAsync(context, 503),
            >= 0 => FakeEmbeddings.RefuseAsync(context, 429, "0"),
            _ => Task.FromResult(false),
        };
        await ChooseAsync(working, "embed-64", 64);
        Assert.Equal(BuildResult.Switched, await BuildAsync(working));

        _provider.Before = (context, _, _) => FakeEmbeddings.RefuseAsync(context, 503);
        var hasty = await ProcessAsync(b => b.Services.Configure<EmbeddingOptions>(o => o.EmbeddingPatience = TimeSpan.FromSeconds(1)));
        var set = await ChooseAsync(hasty, "embed-32", 32);
        Assert.Equal(BuildResult.Failed, await BuildAsync(hasty));
        Assert.Equal("embed-32 answered with status 503.", (await FindAsync(hasty, set.Id)).FailureReason);
    }

    [Fact]
    public async Task Cancelled_in_the_middle_leaves_everything_as_it_was()
    {
        var working = await ProcessAsync();
        var bot = await BotAsync(working);
        await IngestAsync(working, bot, "keeper.txt", Long);
        var reached = Signal();
        var requests = 0;
        _provider.Before = async (context, _, _) =>
        {
            if (Interlocked.Increment(ref requests) > 4)
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return false;
        };
        var set = await ChooseAsync(working, "embed-64", 64);
        var building = BuildAsync(working);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await ExecuteAsync(working, $"update knowledge.embedding_sets set state = 'Cancelled', ended_at = now() where id = '{set.Id}'");

        Assert.Equal(BuildResult.Lost, await building.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Null((await working.Services.GetRequiredService<EmbeddingSets>().CurrentAsync(Token)).Building);
        Assert.NotNull((await SearchAsync(working, bot, Question))[0].VectorScore);
        Assert.Equal(1, await working.Services.GetRequiredService<RemoveOldVectors>().SweepAsync(Token));
        Assert.Equal(0, await CountAsync(working, "select count(*) from knowledge.chunk_vectors where model like 'embed-64%'"));
    }

    [Fact]
    public async Task Passage_that_a_model_will_not_take_is_found_by_its_words()
    {
        var working = await ProcessAsync();
        var bot = await BotAsync(working);
        await IngestAsync(working, bot, "keeper.txt", Long);
        var odd = await IngestAsync(working, bot, "odd.txt", "The quixotic zeppelin.");
        var cut = await IngestAsync(working, bot, "cut.txt", "The lighthouse keeper's daughter sang a song of fifty verses, and in the very last of them there came a gargantuan whale.");
        _provider.Before = (context, _, texts) => texts.Any(t => t.Contains("zeppelin", StringComparison.Ordinal) || t.Contains("quix", StringComparison.Ordinal) || t.Contains("gargantuan", StringComparison.Ordinal)) ? FakeEmbeddings.RefuseAsync(context, 400) : Task.FromResult(false);
        var set = await ChooseAsync(working, "embed-64", 64);

        // Half of the first still has one of the words that are not taken; half of the other has not.
        Assert.Equal(BuildResult.Switched, await BuildAsync(working));

        _provider.Before = (_, _, _) => Task.FromResult(false);
        Assert.Equal(1, (await FindAsync(working, set.Id)).PassagesRefused);
        Assert.Contains(await SearchAsync(working, bot, "quixotic zeppelin"), p => p.DocumentId == odd.Id && p.VectorScore is null && p.LexicalScore is not null);
        Assert.Contains(await SearchAsync(working, bot, "lighthouse keeper's daughter sang a song"), p => p.DocumentId == cut.Id && p.VectorScore > 0.3);
    }

    [Fact]
    public async Task Document_waits_for_a_model_that_is_away_and_does_without_it_where_it_refuses()
    {
        var working = await ProcessAsync();
        var bot = await BotAsync(working);
        await ChooseAsync(working, "embed-64", 64);
        Assert.Equal(BuildResult.Switched, await BuildAsync(working));
        _provider.Before = (context, _, _) => FakeEmbeddings.RefuseAsync(context, 429, "60");
        var waiting = await UploadAsync(working, bot, "waiting.txt", "The keeper writes in ink.");
        for (var i = 0; i < 8; i++)
        {
            await Assert.ThrowsAsync<ProviderException>(() => working.Services.GetRequiredService<DocumentIngestor>().IngestAsync(waiting, Token));
        }

        // Other circuits: those of the first have learned to leave the model alone for a while.
        var later = await ProcessAsync();
        _provider.Before = (context, _, texts) => texts.Any(t => t.Contains("quix", StringComparison.Ordinal)) ? FakeEmbeddings.RefuseAsync(context, 400) : Task.FromResult(false);
        Assert.Equal(IngestResult.Done, await later.Services.GetRequiredService<DocumentIngestor>().IngestAsync(waiting, Token));
        Assert.Equal(1, await CountAsync(later, $"select count(*) from knowledge.documents d join knowledge.chunk_vectors v on v.document_id = d.id where d.id = '{waiting}' and d.stage = 'Ready'"));
        var odd = await IngestAsync(later, bot, "odd.txt", "Quixotic quixotry: a quixote quixotically quixoting.".ToLowerInvariant());
        Assert.Equal(DocumentStage.Ready, odd.Stage);
        Assert.Equal(0, await CountAsync(later, $"select count(*) from knowledge.chunk_vectors where document_id = '{odd.Id}'"));
        _provider.Before = (_, _, _) => Task.FromResult(false);
        Assert.Contains(await SearchAsync(later, bot, "quixotry"), p => p.DocumentId == odd.Id && p.VectorScore is null);
    }

    [Fact]
    public async Task Vectors_of_another_length_than_agreed_are_not_taken()
    {
        var working = await ProcessAsync(b => b.Services.Configure<EmbeddingOptions>(o => o.EmbeddingPatience = TimeSpan.FromSeconds(1)));
        var bot = await BotAsync(working);
        await IngestAsync(working, bot, "short.txt", "The keeper writes in ink.");
        var set = await ChooseAsync(working, "embed-64", 48);

        Assert.Equal(BuildResult.Failed, await BuildAsync(working));
        Assert.Contains("length", (await FindAsync(working, set.Id)).FailureReason, StringComparison.Ordinal);
        Assert.NotNull((await SearchAsync(working, bot, "The keeper writes"))[0].VectorScore);
    }

    private async Task<IHost> ProcessAsync(Action<HostApplicationBuilder>? change = null)
    {
        var process = await shared.ProcessAsync(b =>
        {
            b.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["AI:Providers:fake:Kind"] = "OpenAiCompatible", ["AI:Providers:fake:Endpoint"] = _provider.Address });
            b.Services.Configure<EmbeddingOptions>(o => (o.EmbeddingBackoff, o.OldVectorsGrace) = (TimeSpan.FromMilliseconds(5), TimeSpan.Zero));
            change?.Invoke(b);
        }, own.Name);
        _processes.Add(process);
        return process;
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As the Api leaves it once the model was tried.</summary>
    private static async Task<EmbeddingSet> ChooseAsync(IHost process, string model, int dimensions)
    {
        await using var scope = process.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var id = Guid.CreateVersion7();
        var set = new EmbeddingSet
        {
            Id = id, Key = EmbeddingSet.KeyOf(id, model), Source = EmbeddingSource.Provider, ConnectionName = "fake", Model = model, Dimensions = dimensions, State = EmbeddingSetState.Building, StartedAt = DateTimeOffset.UtcNow,
        };
        db.Add(set);
        await db.SaveChangesAsync(Token);
        return set;
    }

    private static Task<BuildResult> BuildAsync(IHost process) => process.Services.GetRequiredService<BuildEmbeddings>().RunAsync(Token);

    private static async Task<Bot> BotAsync(IHost process)
    {
        await using var scope = process.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var bot = Bot.Create(Guid.CreateVersion7(), "Librarian", "", null, null, DateTimeOffset.UtcNow);
        db.Add(bot);
        await db.SaveChangesAsync(Token);
        return bot;
    }

    private static async Task<Guid> UploadAsync(IHost process, Bot bot, string name, string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var blob = await process.Services.GetRequiredService<BlobStore>().WriteAsync(stream, long.MaxValue, Token);
        await using var scope = process.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var queued = Document.Queue(bot.Id, Guid.CreateVersion7(), name, blob.Sha256, blob.Size, DateTimeOffset.UtcNow);
        db.Add(queued);
        await db.SaveChangesAsync(Token);
        return queued.Id;
    }

    private static async Task<Document> IngestAsync(IHost process, Bot bot, string name, string text)
    {
        var id = await UploadAsync(process, bot, name, text);
        Assert.Equal(IngestResult.Done, await process.Services.GetRequiredService<DocumentIngestor>().IngestAsync(id, Token));
        await using var scope = process.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Documents.AsNoTracking().SingleAsync(d => d.Id == id, Token);
    }

    private static async Task DeleteAsync(IHost process, Bot bot, Document document)
    {
        await ExecuteAsync(process, $"delete from knowledge.documents where id = '{document.Id}'");
        await using var scope = process.Services.CreateAsyncScope();
        await using var transaction = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Database.BeginTransactionAsync(Token);
        await scope.ServiceProvider.GetRequiredService<ForgetDocument>().HandleAsync(new DocumentDeleted(document.Id, bot.Id, document.UploadedBy, document.Sha256), Token);
        await transaction.CommitAsync(Token);
    }

    private static async Task<IReadOnlyList<RetrievedPassage>> SearchAsync(IHost process, Bot bot, string query) =>
        await process.Services.GetRequiredService<KnowledgeRetriever>().SearchAsync(bot.KnowledgeScope(), query, 5, Token);

    /// <summary>One search after the other: how many, and how many of them found nothing by vectors. Vectors of two models differ in length, so a search that mixed them would find none.</summary>
    private static async Task<(int Count, int Without)> SearchOnAsync(IHost process, Bot bot, CancellationToken until)
    {
        var (count, without) = (0, 0);
        while (!until.IsCancellationRequested)
        {
            var found = await SearchAsync(process, bot, Question);
            count++;
            without += found.Count == 5 && found.Any(p => p.VectorScore is not null) ? 0 : 1;
        }

        return (count, without);
    }

    private static async Task<EmbeddingSet> FindAsync(IHost process, Guid id)
    {
        await using var scope = process.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().EmbeddingSets.AsNoTracking().SingleAsync(s => s.Id == id, Token);
    }

    private static async Task ExecuteAsync(IHost process, string sql)
    {
        await using var command = process.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<long> CountAsync(IHost process, string sql)
    {
        await using var command = process.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    /// <summary>Made by the first test.</summary>
    public sealed class OwnDatabase
    {
        public string? Name { get; set; }
    }
}
