using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using ChatSphere.Worker.Modules.Knowledge;

namespace ChatSphere.Tests.Knowledge;

public sealed class KeepingKnowledgeApartTests(KnowledgeDatabase database)
{
    private const int Queries = 10_000;
    private static readonly string[] Things = ["delivery", "returns", "warranty", "invoices", "discounts", "repairs", "express shipping", "gift cards", "spare parts", "opening hours"];
    private static readonly string[] Places = ["Iceland", "Norway", "Sweden", "Denmark", "Finland", "Estonia", "Latvia", "Lithuania", "Poland", "Germany"];

    [Fact]
    public async Task Two_bots_with_nearly_the_same_knowledge_never_find_each_others()
    {
        var (red, blue) = (await database.BotAsync(), await database.BotAsync());
        await database.IngestAsync(red, "red.txt", Text("red"));
        await database.IngestAsync(blue, "blue.txt", Text("blue"));
        await database.RefreshAsync(red);
        await database.RefreshAsync(blue);
        var retriever = await database.GetAsync<KnowledgeRetriever>();
        var found = 0;
        await Parallel.ForAsync(0, Queries, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (i, token) =>
        {
            var random = new Random(i);
            var (bot, own, others) = i % 2 == 0 ? (red, "red", "blue") : (blue, "blue", "red");

            // Half of them ask for the other's very words.
            var query = $"{Things[random.Next(Things.Length)]} {Places[random.Next(Places.Length)]} {(random.Next(2) == 0 ? others : "")} {random.Next(100)}";
            foreach (var passage in await retriever.SearchAsync(bot.KnowledgeScope(), query, 5, token))
            {
                Assert.Equal($"{own}.txt", passage.DocumentName);
                Assert.DoesNotContain($"The {others} shop", passage.Text, StringComparison.Ordinal);
                Interlocked.Increment(ref found);
            }
        });
        Assert.InRange(found, Queries, Queries * 5);
    }

    [Fact]
    public async Task A_conversations_files_are_found_in_it_and_nowhere_else()
    {
        var bot = await database.BotAsync();
        await database.IngestAsync(bot, "manual.txt", "The kettle boils at 96 degrees. Press the red button twice to descale it.");
        var (mine, other) = (Conversation.Start(Guid.CreateVersion7(), bot.Id, null, DateTimeOffset.UnixEpoch), Conversation.Start(Guid.CreateVersion7(), bot.Id, null, DateTimeOffset.UnixEpoch));
        await AttachAsync(mine, "mine.txt", "My own kettle has the serial number K-4711 and a red button.");
        await AttachAsync(other, "other.txt", "The other kettle has the serial number K-0815 and a red button.");
        var retriever = await database.GetAsync<KnowledgeRetriever>();

        var asBot = await retriever.SearchAsync(bot.KnowledgeScope(), "serial number red button kettle", 10, TestContext.Current.CancellationToken);
        Assert.Equal(["manual.txt"], asBot.Select(p => p.DocumentName).Distinct());
        var inMine = await retriever.SearchAsync(bot.KnowledgeScope(mine.Id), "serial number red button kettle", 10, TestContext.Current.CancellationToken);
        Assert.Equal(["mine.txt", "manual.txt"], inMine.Select(p => p.DocumentName).Distinct());
        var inOther = await retriever.SearchAsync(bot.KnowledgeScope(other.Id), "K-4711", 10, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(inOther, p => p.DocumentName == "mine.txt");
        Assert.Empty(await retriever.BeginningsAsync(bot.KnowledgeScope(), [inMine[0].DocumentId], 5, TestContext.Current.CancellationToken));
        Assert.Empty(await retriever.BeginningsAsync(bot.KnowledgeScope(other.Id), [inMine[0].DocumentId], 5, TestContext.Current.CancellationToken));
        Assert.Equal("mine.txt", (await retriever.BeginningsAsync(bot.KnowledgeScope(mine.Id), [inMine[0].DocumentId], 5, TestContext.Current.CancellationToken))[0].DocumentName);
    }

    private async Task AttachAsync(Conversation conversation, string name, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        using var stream = new MemoryStream(bytes);
        var blob = await (await database.GetAsync<ChatSphere.Data.Files.BlobStore>()).WriteAsync(stream, long.MaxValue, TestContext.Current.CancellationToken);
        var document = Document.QueueFor(conversation, name, blob.Sha256, blob.Size, DateTimeOffset.UnixEpoch);
        await database.ChangeAsync(db =>
        {
            db.Add(document);
            return Task.CompletedTask;
        });
        Assert.Equal(IngestResult.Done, await (await database.GetAsync<DocumentIngestor>()).IngestAsync(document.Id, TestContext.Current.CancellationToken));
    }

    private static string Text(string shop) => string.Join("\n\n", from thing in Things
                                                                  from place in Places
                                                                  select $"The {shop} shop on {thing} in {place}: it takes {thing.Length + place.Length} days and costs {thing.Length * place.Length} euros; ask for form {thing[..3]}-{place[..3]}.");
}
