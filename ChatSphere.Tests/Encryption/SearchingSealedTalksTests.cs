using System.Text.Json;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Encryption;

public sealed class SearchingSealedTalksTests(EncryptedApp app)
{
    [Fact]
    public async Task What_is_stored_sealed_is_found_by_its_owner_only_and_page_by_page()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync();
        await ImportAsync(ann, bot.Id, [.. Enumerable.Range(0, 1_200).Select(i => $"Question {i} about the {(i % 400 == 7 ? "Quokkasamba" : "weather")} of day {i}")]);
        var talk = await ann.TalksWithAsync(bot.Id);
        await ann.AnswerAsync(talk.Id, "When is the quokkasamba danced by my aunt?");
        var secret = await (await ann.PostAsync("/v1/conversations", new CreateConversationRequest(bot.Id) { Temporary = true })).ReadAsync<ConversationResponse>();
        await ann.AnswerAsync(secret.Id, "Nobody finds this quokkasamba");

        var all = await ann.GetAsync<FoundMessagesResponse>("/v1/conversations/search?q=quokkasamba");
        Assert.Equal(4, all.Items.Count);
        Assert.Equal((talk.Id, MessageRole.User), (all.Items[0].ConversationId, all.Items[0].Role));
        Assert.All(all.Items, f => Assert.Equal("quokkasamba", Assert.Single(f.Matches) is var m ? f.Excerpt[m.Start..m.End].ToLowerInvariant() : null));
        Assert.Equal((null, null), (all.Next, all.SearchedBackTo));
        Assert.True(all.Searched >= 1_200);
        Assert.Equal(all.Items.Select(f => f.CreatedAt).OrderDescending(), all.Items.Select(f => f.CreatedAt));

        var (paged, cursor, pages) = (new List<Guid>(), (string?)null, 0);
        do
        {
            var page = await ann.GetAsync<FoundMessagesResponse>($"/v1/conversations/search?q=quokkasamba&limit=1&cursor={cursor}");
            Assert.True(page.Items.Count <= 1 && (page.Next is null) == (page.SearchedBackTo is null));
            paged.AddRange(page.Items.Select(f => f.MessageId));
            cursor = page.Next;
        }
        while (cursor is not null && ++pages < 10);

        Assert.Equal(all.Items.Select(f => f.MessageId), paged);
        Assert.Equal(3, (await ann.GetAsync<FoundMessagesResponse>("/v1/conversations/search?q=quokkasamba%20-aunt")).Items.Count);
        Assert.Empty((await ann.GetAsync<FoundMessagesResponse>("/v1/conversations/search?q=%22samba%22")).Items);
        Assert.Empty((await eve.GetAsync<FoundMessagesResponse>("/v1/conversations/search?q=quokkasamba")).Items);
        Assert.Empty(app.LinesWith("quokkasamba"));
    }

    private static async Task ImportAsync(Person who, Guid botId, IReadOnlyList<string> questions)
    {
        var export = JsonSerializer.SerializeToUtf8Bytes(questions.Chunk(100).Select((chunk, i) => new
        {
            uuid = $"{who.Account.Id:n}-{i}",
            name = $"Talk {i}",
            chat_messages = chunk.Select((text, n) => new { uuid = $"m{n}", sender = n % 2 == 0 ? "human" : "assistant", text, created_at = new DateTimeOffset(2024, 3, 1, i, 0, 0, TimeSpan.Zero).AddSeconds(n) }),
        }));
        var queued = await (await who.PostAsync($"/v1/imports?botId={botId}", new MultipartFormDataContent { { new ByteArrayContent(export), "file", "export.json" } })).ReadAsync<ImportResponse>();
        Assert.Equal(questions.Count / 100, (await Person.EventuallyAsync(() => who.GetAsync<ImportResponse>($"/v1/imports/{queued.Id}"), i => i.Status is ImportStatus.Done or ImportStatus.Failed)).Imported);
    }
}
