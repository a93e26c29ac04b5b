using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Knowledge;

public sealed class FollowingVectorsTests(KnowledgeDatabase database)
{
    [Fact]
    public async Task Index_finds_the_nearest_exactly()
    {
        var bot = await database.BotAsync();
        var document = await database.IngestAsync(bot, "many.txt", string.Join("\n\n", Enumerable.Range(1, 60).Select(i => $"1.{i} Station {Word(i)}\n\nThe station {Word(i)} measures {Word(i * 7)} and {Word(i * 13)}, {Word(i * 17)} too, every day of the year but one.")));
        var chunks = await database.ChunksAsync(document.Id);

        foreach (var chunk in chunks.Take(10))
        {
            var query = Vector(chunk.Context + "\n" + chunk.Text);
            var hits = await SearchAsync(await database.GetAsync<IVectorIndex>(), bot, query, 5);
            var expected = chunks.Select(c => Dot(Vector(c.Context + "\n" + c.Text), query)).OrderDescending().Take(5);
            Assert.Equal(chunk.Id, hits[0].ChunkId);
            Assert.All(expected.Zip(hits), both => Assert.Equal(both.First, both.Second.Similarity, 3));
        }
    }

    [Fact]
    public async Task What_becomes_ready_in_one_process_is_found_in_another()
    {
        var bot = await database.BotAsync();
        using var other = await database.ProcessAsync();
        await database.IngestAsync(bot, "tides.txt", "Spring tides follow the full moon by about two days.");
        Assert.Single(await SearchAsync(other, bot, "spring tides"));

        await database.IngestAsync(bot, "winds.txt", "Trade winds blow from the east, and spring storms from the west.");
        Assert.Equal(2, (await SearchAsync(other, bot, "spring tides")).Count);
    }

    [Fact]
    public async Task What_is_deleted_is_not_found_and_makes_room_for_what_is_there()
    {
        var bot = await database.BotAsync();
        var documents = new List<Document>();
        for (var i = 0; i < 8; i++)
        {
            documents.Add(await database.IngestAsync(bot, $"{i}.txt", $"潮汐表每年出版一次 {i}。"));
        }

        Assert.Equal(8, (await database.SearchAsync(bot, "潮汐表", 10)).Count);
        var gone = documents.Take(4).Select(d => d.Id).ToList();
        await database.ChangeAsync(async db => await db.Documents.Where(d => gone.Contains(d.Id)).ExecuteDeleteAsync(TestContext.Current.CancellationToken));

        Assert.Equal(documents.Skip(4).Select(d => d.Id).Order(), (await database.SearchAsync(bot, "潮汐表", 10)).Select(p => p.DocumentId).Order());
        Assert.Equal(documents.Skip(4).Select(d => d.Id).Order(), (await SearchAsync(await database.GetAsync<IVectorIndex>(), bot, Vector("潮汐表"), 50)).Select(h => h.DocumentId).Order());
    }

    [Fact]
    public async Task Memory_stays_within_its_limit()
    {
        using var small = await database.ProcessAsync(b => b.Services.Configure<RetrievalOptions>(o => o.VectorMemoryBytes = 5 << 20));
        for (var i = 0; i < 4; i++)
        {
            var bot = await database.BotAsync();
            await database.IngestAsync(bot, "tides.txt", $"Spring tides follow the full moon by about {i} days.");
            Assert.Single(await SearchAsync(small, bot, "spring tides"));
        }

        Assert.InRange(((ExactVectorIndex)small.Services.GetRequiredService<IVectorIndex>()).MemoryBytes, 1, 5 << 20);
    }

    [Fact]
    public async Task Many_searches_at_once_load_a_bot_once_and_agree()
    {
        var bot = await database.BotAsync();
        await database.IngestAsync(bot, "many.txt", string.Join("\n\n", Enumerable.Range(1, 40).Select(i => $"1.{i} Station {Word(i)}\n\nThe station {Word(i)} measures {Word(i * 7)} and {Word(i * 13)}, {Word(i * 17)} too, every day of the year but one.")));
        using var other = await database.ProcessAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SearchAsync(other, bot, "station")));

        Assert.All(results, r => Assert.Equal(results[0], r));
    }

    private static string Word(int i) => string.Concat(Enumerable.Range(0, 3).Select(k => "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zy".Split(' ')[((i * 31) + (k * i * 7) + k) % 20]));

    private static Task<IReadOnlyList<VectorHit>> SearchAsync(IHost process, Bot bot, string query) => SearchAsync(process.Services.GetRequiredService<IVectorIndex>(), bot, Vector(query), 50);

    private static Task<IReadOnlyList<VectorHit>> SearchAsync(IVectorIndex index, Bot bot, float[] query, int top) =>
        index.SearchAsync(LocalEmbedder.Model, bot.KnowledgeScope(), query, top, TestContext.Current.CancellationToken);

    private static float[] Vector(string text)
    {
        var vector = new float[LocalEmbedder.Dimensions];
        LocalEmbedder.Embed(text, vector);
        return vector;
    }

    private static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
