using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Conversations;

public sealed class TakingTurnsTests(ChatSphereApp app)
{
    private const string Slow = "mock-ttft50-itl40-len400";

    [Fact]
    public async Task The_same_key_and_text_is_the_same_turn_however_often_and_at_once()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-itl1-len10")).Id);
        var key = Guid.NewGuid().ToString();
        var turns = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ann.AskAsync(conversation.Id, "Hello", key)));
        Assert.Single(turns.Select(t => t.Id).Distinct());
        await ann.EventsAsync(turns[0].Id);
        Assert.Equal(turns[0].Id, (await ann.AskAsync(conversation.Id, "Hello", key)).Id);
        Assert.Equal(2, (await ann.MessagesAsync(conversation.Id)).Count);
        await ann.SendAsync(HttpMethod.Post, $"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("Something else"), r => r.Headers.Add("Idempotency-Key", key))
            .RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.IdempotencyKeyReused);
    }

    [Fact]
    public async Task One_turn_at_a_time()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync(Slow)).Id);
        var turn = await ann.AskAsync(conversation.Id, "First");
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("Second")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.TurnInProgress);
        Assert.Equal(turn.Id, (await ann.GetAsync<ConversationResponse>($"/v1/conversations/{conversation.Id}")).ActiveTurnId);
        await ann.PostAsync($"/v1/turns/{turn.Id}/stop");
        await ann.EventsAsync(turn.Id);
    }

    [Fact]
    public async Task A_stopped_answer_keeps_what_had_arrived_and_the_conversation_goes_on()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync(Slow)).Id);
        var turn = await ann.AskAsync(conversation.Id, "Tell me a long story");
        var events = new List<StreamEvent>();
        await foreach (var e in ann.StreamAsync($"/v1/turns/{turn.Id}/events"))
        {
            events.Add(e);
            if (events.Count == 4)
            {
                // Whichever replica gets this, the one that writes the answer stops.
                Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync($"/v1/turns/{turn.Id}/stop")).StatusCode);
            }
        }

        Assert.Equal(TurnEventNames.Done, events[^1].Name);
        var message = events.Message();
        Assert.Equal(MessageStatus.Stopped, message.Status);
        Assert.NotEmpty(message.Text);
        Assert.Equal(events.Text(), message.Text);
        var next = await ann.AskAsync(conversation.Id, "And then?");
        await ann.PostAsync($"/v1/turns/{next.Id}/stop");
        await ann.EventsAsync(next.Id);
        Assert.Equal([1, 2, 3, 4], (await ann.MessagesAsync(conversation.Id)).Select(m => m.Seq));
    }

    [Fact]
    public async Task A_reader_that_was_cut_off_misses_nothing_on_any_node()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-ttft20-itl10-len120")).Id);
        var turn = await ann.AskAsync(conversation.Id, "Tell me a story");
        var seen = new List<StreamEvent>();

        // Every connection goes to the next replica, so about half of these read from a node that does not write the answer.
        while (seen.Count == 0 || seen[^1].Name != TurnEventNames.Done)
        {
            var before = seen.Count;
            await foreach (var e in ann.StreamAsync($"/v1/turns/{turn.Id}/events", seen.Count == 0 ? null : seen[^1].Id))
            {
                seen.Add(e);
                if (seen.Count - before == 7)
                {
                    break;
                }
            }
        }

        Assert.Equal(Enumerable.Range(1, seen.Count), seen.Select(e => e.Id!.Value));
        Assert.Equal(seen.Text(), seen.Message().Text);
    }

    [Fact]
    public async Task Several_readers_and_a_late_one_see_the_same()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-ttft20-itl5-len80")).Id);
        var turn = await ann.AskAsync(conversation.Id, "Tell me a story");
        var readers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ann.EventsAsync(turn.Id)));
        var late = await ann.EventsAsync(turn.Id);
        Assert.All(readers, r => Assert.Equal(late, r));
        Assert.Equal([late[^1]], await ann.EventsAsync(turn.Id, after: late[^2].Id));
        Assert.Equal(TurnEventNames.Done, (await ann.EventsAsync(turn.Id, after: 1_000_000))[^1].Name);
    }

    [Fact]
    public async Task An_answer_made_anew_is_the_one_that_is_shown()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-itl1-len15")).Id);
        var turn = await ann.AskAsync(conversation.Id, "Hello");
        await ann.EventsAsync(turn.Id);
        var again = await (await ann.PostAsync($"/v1/turns/{turn.Id}/regenerate")).ReadAsync<TurnResponse>();
        Assert.NotEqual(turn.Id, again.Id);
        Assert.NotEqual(turn.AssistantMessageId, again.AssistantMessageId);
        var events = await ann.EventsAsync(again.Id);
        Assert.Equal(TurnEventNames.Done, events[^1].Name);
        Assert.Equal([turn.UserMessageId, again.AssistantMessageId], (await ann.MessagesAsync(conversation.Id)).Select(m => m.Id));
    }

    [Fact]
    public async Task A_deleted_bot_leaves_the_conversation_to_be_read()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-itl1-len5");
        var conversation = await ann.TalksWithAsync(bot.Id);
        await ann.AnswerAsync(conversation.Id, "Hello");
        await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}");
        Assert.Equal("Librarian", (await ann.GetAsync<ConversationResponse>($"/v1/conversations/{conversation.Id}")).BotName);
        Assert.Equal(2, (await ann.MessagesAsync(conversation.Id)).Count);
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("More")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotDeleted);
    }

    [Fact]
    public async Task Conversations_are_listed_renamed_and_deleted_even_while_one_is_answered()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(Slow);
        var older = await ann.TalksWithAsync(bot.Id);
        var newer = await ann.TalksWithAsync(bot.Id);
        await ann.AskAsync(older.Id, "This one is used last");
        Assert.Equal([older.Id, newer.Id], (await ann.GetAsync<Page<ConversationResponse>>("/v1/conversations")).Items.Select(c => c.Id));
        var renamed = await (await ann.SendAsync(HttpMethod.Patch, $"/v1/conversations/{older.Id}", new UpdateConversationRequest("Stories"))).ReadAsync<ConversationResponse>();
        Assert.Equal("Stories", renamed.Title);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/conversations/{older.Id}")).StatusCode);
        await ann.GetAsync($"/v1/conversations/{older.Id}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal([newer.Id], (await ann.GetAsync<Page<ConversationResponse>>("/v1/conversations")).Items.Select(c => c.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\u0000b")]
    public async Task A_turn_without_anything_to_answer_is_refused(string text)
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync()).Id);
        var problem = await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest(text)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains("text", problem.Errors!.Keys);
        Assert.Empty(await ann.MessagesAsync(conversation.Id));
    }

    [Fact]
    public async Task Too_long_a_text_is_refused_and_the_longest_allowed_is_answered()
    {
        var ann = await app.SomebodyAsync();
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-itl1-len5")).Id);
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest(new string('a', 32_001))).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(TurnEventNames.Done, (await ann.AnswerAsync(conversation.Id, string.Concat(Enumerable.Repeat("wörter ", 4_500))))[^1].Name);
    }
}
