namespace ChatSphere.Tests.Knowledge;

public sealed class FindingPassagesTests(KnowledgeDatabase database)
{
    [Fact]
    public async Task Uploaded_text_is_found_by_its_words_with_its_place()
    {
        var bot = await database.BotAsync();
        var document = await database.IngestAsync(bot, "tides.txt", "1. Tides\n\nSpring tides follow the full moon by about two days.\n\n2. Winds\n\nTrade winds blow from the east.");
        await database.RefreshAsync(bot);

        var found = await database.SearchAsync(bot, "When do spring tides occur?");

        Assert.Contains("full moon", found[0].Text, StringComparison.Ordinal);
        Assert.Equal((await database.TextAsync(document.Id))[found[0].Start..found[0].End], found[0].Text);
    }
}
