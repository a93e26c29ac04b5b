using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Conversations;

public sealed class KeepingOrderTests(ChatSphereApp app)
{
    private const string Quick = "mock-itl1-len5";

    [Fact]
    public async Task Conversations_are_pinned_archived_filed_and_tagged_and_found_by_it()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(Quick);
        var (one, two, three) = (await ann.TalksWithAsync(bot.Id), await ann.TalksWithAsync(bot.Id), await ann.TalksWithAsync(bot.Id));
        var folder = await (await ann.PostAsync("/v1/folders", new FolderRequest("Garden"))).ReadAsync<FolderResponse>();
        await ann.ChangesAsync(one.Id, new UpdateConversationRequest { Pinned = true, Tags = ["roses", "roses", " frost "] });
        await ann.ChangesAsync(two.Id, new UpdateConversationRequest { FolderId = folder.Id });
        Assert.True((await ann.ChangesAsync(three.Id, new UpdateConversationRequest { Archived = true })).IsArchived);

        Assert.Equal([two.Id, one.Id], await ann.ListsAsync());
        Assert.Equal([three.Id], await ann.ListsAsync("?archived=true"));
        Assert.Equal([one.Id], await ann.ListsAsync("?pinned=true"));
        Assert.Equal([two.Id], await ann.ListsAsync($"?folderId={folder.Id}"));
        Assert.Equal([one.Id], await ann.ListsAsync("?tag=frost"));
        Assert.Equal(["frost", "roses"], (await ann.GetAsync<List<TagResponse>>("/v1/tags")).Select(t => t.Tag));
        Assert.Equal(1, (await ann.GetAsync<List<FolderResponse>>("/v1/folders")).Single().Conversations);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/folders/{folder.Id}")).StatusCode);
        Assert.Null((await ann.GetAsync<ConversationResponse>($"/v1/conversations/{two.Id}")).FolderId);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/conversations/{two.Id}", new UpdateConversationRequest { FolderId = folder.Id }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task Many_at_once_and_none_that_are_anothers()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync(Quick);
        var (one, two) = (await ann.TalksWithAsync(bot.Id), await ann.TalksWithAsync(bot.Id));
        var all = new ChangeConversationsRequest([one.Id, two.Id, Guid.NewGuid()], ConversationAction.Archive);
        Assert.Equal(0, (await (await eve.PostAsync("/v1/conversations/changes", all)).ReadAsync<ChangedConversationsResponse>()).Changed);
        Assert.Equal(2, (await (await ann.PostAsync("/v1/conversations/changes", all)).ReadAsync<ChangedConversationsResponse>()).Changed);
        Assert.Empty(await ann.ListsAsync());
        await ann.PostAsync("/v1/conversations/changes", all with { Action = ConversationAction.Delete });
        Assert.Empty(await ann.ListsAsync("?archived=true"));
    }

    [Fact]
    public async Task A_temporary_conversation_is_in_no_list_and_can_be_kept()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(Quick);
        var talk = await (await ann.PostAsync("/v1/conversations", new CreateConversationRequest(bot.Id) { Temporary = true })).ReadAsync<ConversationResponse>();
        Assert.NotNull(talk.ExpiresAt);
        await ann.HasAnsweredAsync(talk.Id, "Between us");
        Assert.Empty(await ann.ListsAsync());
        Assert.Null((await ann.ChangesAsync(talk.Id, new UpdateConversationRequest { Keep = true })).ExpiresAt);
        Assert.Equal([talk.Id], await ann.ListsAsync());
    }

    [Fact]
    public async Task One_rating_of_each_answer_with_a_comment_however_many_tabs_rate_at_once()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var turn = await ann.HasAnsweredAsync(talk.Id, "Hello");
        var rating = $"/v1/conversations/{talk.Id}/messages/{turn.AssistantMessageId}/rating";
        var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ann.SendAsync(HttpMethod.Put, rating, new RateMessageRequest(i % 2 == 0 ? MessageRatingValue.Up : MessageRatingValue.Down))));
        Assert.All(tries, t => Assert.Equal(HttpStatusCode.OK, t.StatusCode));
        await ann.SendAsync(HttpMethod.Put, rating, new RateMessageRequest(MessageRatingValue.Down, " Too short. "));
        var rated = (await ann.MessagesAsync(talk.Id))[1].Rating!;
        Assert.Equal((MessageRatingValue.Down, "Too short."), (rated.Value, rated.Comment));
        await ann.SendAsync(HttpMethod.Put, rating, new RateMessageRequest(MessageRatingValue.Up, new string('x', 2_001))).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Put, $"/v1/conversations/{talk.Id}/messages/{turn.UserMessageId}/rating", new RateMessageRequest(MessageRatingValue.Up)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, rating)).StatusCode);
        Assert.Null((await ann.MessagesAsync(talk.Id))[1].Rating);
    }

    [Fact]
    public async Task Every_open_tab_hears_of_it()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var turn = await ann.HasAnsweredAsync(talk.Id, "Hello");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var heard = new System.Collections.Concurrent.ConcurrentQueue<LiveEvent>();
        var listening = Task.Run(
            async () =>
            {
                await foreach (var e in ann.StreamAsync("/v1/events", cancellationToken: limit.Token))
                {
                    heard.Enqueue(e.Live());
                    if (e.Name == LiveEventTypes.ConversationDeleted)
                    {
                        return;
                    }
                }
            }, limit.Token);

        // Whether the stream is open yet nobody says: pinning is done until it is heard of.
        await Person.EventuallyAsync(
            async () =>
            {
                await ann.ChangesAsync(talk.Id, new UpdateConversationRequest { Pinned = true });
                return heard.Any(e => e.Type == LiveEventTypes.ConversationChanged);
            },
            isSo => isSo);
        await ann.PostAsync("/v1/folders", new FolderRequest("Garden"));
        await ann.SendAsync(HttpMethod.Put, $"/v1/conversations/{talk.Id}/messages/{turn.AssistantMessageId}/rating", new RateMessageRequest(MessageRatingValue.Up));
        await Person.EventuallyAsync(() => Task.FromResult(heard.Any(e => e.Type == LiveEventTypes.MessageChanged)), isSo => isSo);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/conversations/{talk.Id}");
        await listening;
        Assert.Contains(heard, e => e.Type == LiveEventTypes.FoldersChanged);
        Assert.Contains(heard, e => e.Type == LiveEventTypes.MessageChanged && e.Data.GetProperty("rating").GetProperty("value").GetString() == "up");
        Assert.Equal(talk.Id, heard.Last().Data.GetProperty("id").GetGuid());
    }
}
