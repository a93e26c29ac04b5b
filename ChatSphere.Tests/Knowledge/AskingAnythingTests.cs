using ChatSphere.Data.Bots;
using FsCheck.Fluent;

namespace ChatSphere.Tests.Knowledge;

public sealed class AskingAnythingTests(KnowledgeDatabase database)
{
    private static readonly string[] Pieces =
        ["tide", "moon", "the", "'", "''", "\"", "\\", "\\\\", "&", "|", "!", "(", ")", "<->", "<2>", ":*", ":", "%", "_", "$1", "{0}", "--", "/*", ";", "\0", "\ud800", "\udc00", "😀", "👩‍👩‍👧", "潮汐", "прилив", "é", "\u0301", "\n", "\t", "\u202e", "x-y_z", "a/b", "http://a.b/c?d=e", "1.5e300", "tidezz", new string('q', 300)];

    [Fact]
    public async Task No_query_whatever_makes_an_error()
    {
        var bot = await FilledAsync();
        foreach (var query in Gen.Choose(0, 60).SelectMany(n => Gen.ArrayOf(Gen.Elements(Pieces), n).SelectMany(p => Gen.Elements("", " ").Select(s => string.Join(s, p)))).Sample(200, 300))
        {
            Assert.NotNull(await database.SearchAsync(bot, query));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("the of and to")]
    [InlineData("''''")]
    [InlineData("zzyzx quantum bagel")]
    public async Task Nothing_is_found_for_nothing(string query) => Assert.Empty(await database.SearchAsync(await FilledAsync(), query));

    [Fact]
    public async Task Two_thousand_characters_are_a_query_too()
    {
        var found = await database.SearchAsync(await FilledAsync(), string.Concat(Enumerable.Repeat("spring tide moon water harbour station ", 60)));

        Assert.NotEmpty(found);
    }

    [Fact]
    public async Task Chinese_is_found_though_the_parser_cannot_take_it_apart()
    {
        var bot = await database.BotAsync();
        await database.IngestAsync(bot, "潮汐.txt", "大潮发生在新月和满月之后大约两天。\n\n潮汐表每年出版一次。");
        await database.IngestAsync(bot, "风.txt", "信风从东方吹来，季风随季节改变方向。");

        Assert.Contains("大潮", (await database.SearchAsync(bot, "大潮什么时候发生"))[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bot_without_documents_finds_nothing() => Assert.Empty(await database.SearchAsync(await database.BotAsync(), "tides"));

    [Fact]
    public async Task Answers_are_the_same_words_before_and_after_the_counting()
    {
        var bot = await database.BotAsync();
        await database.IngestAsync(bot, "tides.md", "# Tides\n\nSpring tides follow the full moon by about two days.\n\n# Winds\n\nTrade winds blow steadily from the east towards the equator.");

        var before = (await database.SearchAsync(bot, "when do spring tides come"))[0].ChunkId;
        Assert.True(await database.RefreshAsync(bot));
        Assert.Equal(before, (await database.SearchAsync(bot, "when do spring tides come"))[0].ChunkId);
        Assert.Equal(before, (await database.SearchAsync(bot, "when do sprnig tides come"))[0].ChunkId);
    }

    [Fact]
    public async Task Passages_of_other_bots_and_of_unfinished_documents_are_never_found()
    {
        var (mine, other) = (await database.BotAsync(), await database.BotAsync());
        await database.IngestAsync(other, "secret.txt", "The password of the harbour gate is heliotrope and nobody else may know of it.");
        var unfinished = await database.IngestAsync(mine, "later.txt", "The heliotrope of the harbour gate flowers in May, as every year before.");
        await using (var command = (await database.GetAsync<Npgsql.NpgsqlDataSource>()).CreateCommand($"update knowledge.documents set stage = 'Embedding', index_version = null where id = '{unfinished.Id}'"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(await database.SearchAsync(mine, "heliotrope harbour gate"));
    }

    [Fact]
    public async Task Counting_by_many_at_once_neither_blocks_nor_doubles()
    {
        var bot = await FilledAsync();
        var counted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => database.RefreshAsync(bot)));

        Assert.Contains(true, counted);
        Assert.Equal(1, await database.CountAsync($"select count(*) from knowledge.lexical_stats where bot_id = '{bot.Id}'"));
    }

    private async Task<Bot> FilledAsync()
    {
        var bot = await database.BotAsync();
        await database.IngestAsync(bot, "tides.txt", "1.1 Tides\n\nSpring tides follow the moon by two days; the station's harbour shows it.\n\n1.2 Winds\n\nTrade winds blow from the east.");
        await database.RefreshAsync(bot);
        return bot;
    }
}
