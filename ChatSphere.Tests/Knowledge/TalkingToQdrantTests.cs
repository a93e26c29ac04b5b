using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Knowledge;

namespace ChatSphere.Tests.Knowledge;

/// <summary>
/// Against Qdrant's own API description (the parts that are used, in <c>qdrant-openapi-extract.json</c>). Names that the description does not know are errors too, although Qdrant
/// would ignore them: a misspelt filter must not search everything.
/// </summary>
public sealed class TalkingToQdrantTests : IDisposable
{
    private const string Set = LocalEmbedder.Model;

    private readonly FakeQdrant _server = new();
    private readonly QdrantVectorIndex _index;
    private readonly Bot _bot = Bot.Create(Guid.CreateVersion7(), "One", "", null, null, DateTimeOffset.UtcNow);
    private readonly Bot _other = Bot.Create(Guid.CreateVersion7(), "Other", "", null, null, DateTimeOffset.UtcNow);

    public TalkingToQdrantTests() => _index = new QdrantVectorIndex(_server);

    public void Dispose()
    {
        _index.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Nothing_is_found_before_anything_was_added() => Assert.Empty(await SearchAsync(_bot));

    [Fact]
    public async Task Added_vectors_are_found_within_their_bot_only()
    {
        var (document, chunks) = Vectors(600);
        await _index.AddAsync(Set, _bot.Id, document, chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync(Set, _other.Id, Guid.CreateVersion7(), Vectors(3).Chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync(Set, _bot.Id, document, chunks, TestContext.Current.CancellationToken);

        var found = await SearchAsync(_bot, 1_000);

        Assert.Equal(chunks.Select(c => c.ChunkId).Order(), found.Select(f => f.ChunkId).Order());
        Assert.All(found, f => Assert.Equal(document, f.DocumentId));
        Assert.All(_server.Queries, q => Assert.Equal(_bot.Id.ToString(), (string?)q["filter"]!["must"]![0]!["match"]!["value"]));
        Assert.All(_server.Upserts, u => Assert.InRange(u, 1, 256));
        Assert.Equal(1, _server.Created);
        Assert.Equal(["bot_id", "document_id"], _server.Indexes.Order());
    }

    [Fact]
    public async Task Removed_document_and_removed_bot_are_not_found()
    {
        var (first, second) = (Vectors(2), Vectors(2));
        await _index.AddAsync(Set, _bot.Id, first.Document, first.Chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync(Set, _bot.Id, second.Document, second.Chunks, TestContext.Current.CancellationToken);

        await _index.RemoveDocumentAsync([Set, "never-used"], _bot.Id, first.Document, TestContext.Current.CancellationToken);
        Assert.All(await SearchAsync(_bot), f => Assert.Equal(second.Document, f.DocumentId));
        await _index.RemoveBotAsync([Set, "never-used"], _bot.Id, TestContext.Current.CancellationToken);
        Assert.Empty(await SearchAsync(_bot));
    }

    [Fact]
    public async Task Error_of_the_server_is_not_taken_for_an_empty_result()
    {
        _server.Broken = true;
        await Assert.ThrowsAsync<HttpRequestException>(() => SearchAsync(_bot));
        await Assert.ThrowsAsync<HttpRequestException>(() => _index.AddAsync(Set, _bot.Id, Guid.CreateVersion7(), Vectors(1).Chunks, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Sets_are_apart_whatever_the_length_of_their_vectors_and_go_as_a_whole()
    {
        var (document, chunks) = Vectors(3);
        await _index.AddAsync(Set, _bot.Id, document, chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync("other#1", _bot.Id, document, [.. chunks.Select(c => c with { Vector = new float[] { 1, 0 } })], TestContext.Current.CancellationToken);

        Assert.Equal(3, (await _index.SearchAsync("other#1", _bot.KnowledgeScope(), new float[] { 1, 0 }, 10, TestContext.Current.CancellationToken)).Count);
        await _index.RemoveSetAsync(Set, TestContext.Current.CancellationToken);
        await _index.RemoveSetAsync(Set, TestContext.Current.CancellationToken);
        Assert.Empty(await SearchAsync(_bot));
        Assert.Equal(3, (await _index.SearchAsync("other#1", _bot.KnowledgeScope(), new float[] { 1, 0 }, 10, TestContext.Current.CancellationToken)).Count);

        // What was let go can be made again.
        await _index.AddAsync(Set, _bot.Id, document, chunks, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await SearchAsync(_bot)).Count);
    }

    private static (Guid Document, List<EmbeddedChunk> Chunks) Vectors(int count) =>
        (Guid.CreateVersion7(), [.. Enumerable.Range(0, count).Select(i => new EmbeddedChunk(Guid.CreateVersion7(), new float[] { 0.6f, 0.8f, 0, 0 }))]);

    private Task<IReadOnlyList<VectorHit>> SearchAsync(Bot bot, int top = 10) => _index.SearchAsync(Set, bot.KnowledgeScope(), new float[] { 0.6f, 0.8f, 0, 0 }, top, TestContext.Current.CancellationToken);
}
