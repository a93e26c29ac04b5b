using System.Net;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Conversations;

public sealed class BranchingTests(ChatSphereApp app)
{
    private const string Quick = "mock-itl1-len5";
    private const string Other = "mock-itl1-len7";
    private const string Slow = "mock-ttft50-itl40-len400";

    [Fact]
    public async Task A_question_worded_anew_stands_beside_the_old_one_and_its_branch_is_the_current_one()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var first = await ann.HasAnsweredAsync(talk.Id, "One");
        var second = await ann.HasAnsweredAsync(talk.Id, "Two");
        var anew = await ann.HasAnsweredAsync(talk.Id, new CreateTurnRequest("Two, worded anew") { Edits = second.UserMessageId });

        var path = await ann.MessagesAsync(talk.Id);
        Assert.Equal([first.UserMessageId, first.AssistantMessageId, anew.UserMessageId, anew.AssistantMessageId], path.Select(m => m.Id));
        Assert.Equal([second.UserMessageId, anew.UserMessageId], path[2].Siblings!);
        Assert.Equal(first.AssistantMessageId, path[2].ParentId);
        Assert.Null(path[0].ParentId);
        Assert.Equal(6, (await ann.TreeAsync(talk.Id)).Count);
        Assert.Equal(anew.AssistantMessageId, (await ann.GetAsync<ConversationResponse>($"/v1/conversations/{talk.Id}")).CurrentMessageId);

        // The first of all can be worded anew too, and the old branch is there to go back to, to its end.
        var begun = await ann.HasAnsweredAsync(talk.Id, new CreateTurnRequest("Something else") { Edits = first.UserMessageId });
        Assert.Equal([begun.UserMessageId, begun.AssistantMessageId], (await ann.MessagesAsync(talk.Id)).Select(m => m.Id));
        Assert.Equal(second.AssistantMessageId, (await ann.ChoosesAsync(talk.Id, second.UserMessageId)).CurrentMessageId);
        Assert.Equal(anew.AssistantMessageId, (await ann.ChoosesAsync(talk.Id, first.UserMessageId)).CurrentMessageId);
        Assert.Equal([first.UserMessageId, begun.UserMessageId], (await ann.MessagesAsync(talk.Id))[0].Siblings!);
    }

    [Fact]
    public async Task A_branch_knows_nothing_of_the_others()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var (kept, dropped, marker) = ($"kept-{Guid.NewGuid():n}", $"dropped-{Guid.NewGuid():n}", $"marker-{Guid.NewGuid():n}");
        await ann.HasAnsweredAsync(talk.Id, kept);
        var second = await ann.HasAnsweredAsync(talk.Id, dropped);
        await ann.HasAnsweredAsync(talk.Id, new CreateTurnRequest("Instead of it") { Edits = second.UserMessageId });
        await ann.HasAnsweredAsync(talk.Id, marker);
        using var models = new HttpClient { BaseAddress = await app.AddressOfAsync("models") };
        var request = JsonNode.Parse(await models.GetStringAsync("/mock/requests"))!.AsArray().Single(r => r!.ToJsonString().Contains(marker, StringComparison.Ordinal))!.ToJsonString();
        Assert.Contains(kept, request, StringComparison.Ordinal);
        Assert.Contains("Instead of it", request, StringComparison.Ordinal);
        Assert.DoesNotContain(dropped, request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_made_anew_stands_beside_the_old_one_with_the_same_model_or_another_also_in_the_middle()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var first = await ann.HasAnsweredAsync(talk.Id, "One");
        var second = await ann.HasAnsweredAsync(talk.Id, "Two");
        var again = await ann.AnswersAgainAsync(talk.Id, first.AssistantMessageId, Other);
        var path = await ann.MessagesAsync(talk.Id);
        Assert.Equal([first.UserMessageId, again.AssistantMessageId], path.Select(m => m.Id));
        Assert.Equal([first.AssistantMessageId, again.AssistantMessageId], path[1].Siblings!);
        Assert.Equal((Other, Other), (path[1].Model, path[1].RequestedModel));
        Assert.Equal(second.AssistantMessageId, (await ann.ChoosesAsync(talk.Id, first.AssistantMessageId)).CurrentMessageId);

        var same = await ann.AnswersAgainAsync(talk.Id, first.UserMessageId);
        Assert.Equal(Quick, (await ann.MessagesAsync(talk.Id)).Single(m => m.Id == same.AssistantMessageId).Model);
        await ann.PostAsync($"/v1/conversations/{talk.Id}/messages/{first.AssistantMessageId}/answers", new AnswerAgainRequest(["no-such-model"])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ModelUnknown);
    }

    [Fact]
    public async Task Up_to_four_models_answer_at_the_same_time_and_one_is_chosen_to_go_on_with()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        string[] models = [Quick, Other, "mock-itl1-len9", "mock-ttft50-itl5-len60"];
        var turn = await ann.AsksAsync(talk.Id, new CreateTurnRequest("Compare") { Models = models });
        Assert.Equal(3, turn.Others.Count);
        var all = turn.Others.Prepend(turn).ToList();
        await ann.PostAsync($"/v1/conversations/{talk.Id}/turns", new CreateTurnRequest("Too early")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.TurnInProgress);
        var answers = (await Task.WhenAll(all.Select(t => ann.EventsAsync(t.Id)))).Select(e => e.Message()).ToList();
        Assert.Equal(models, answers.Select(a => a.Model!));
        Assert.All(answers, a => Assert.Equal((turn.UserMessageId, MessageStatus.Complete), (a.ParentId!.Value, a.Status)));

        // With the last of them the conversation is free.
        await Person.EventuallyAsync(() => ann.GetAsync<ConversationResponse>($"/v1/conversations/{talk.Id}"), c => c.ActiveTurnId is null);
        var siblings = await ann.GetAsync<List<MessageResponse>>($"/v1/conversations/{talk.Id}/messages/{answers[0].Id}/siblings");
        Assert.Equal(answers.Select(a => a.Id), siblings.Select(s => s.Id));
        await ann.ChoosesAsync(talk.Id, answers[2].Id);
        var next = await ann.HasAnsweredAsync(talk.Id, "Go on");
        Assert.Equal([turn.UserMessageId, answers[2].Id, next.UserMessageId, next.AssistantMessageId], (await ann.MessagesAsync(talk.Id)).Select(m => m.Id));
        await ann.PostAsync($"/v1/conversations/{talk.Id}/turns", new CreateTurnRequest("Five") { Models = [.. models, Quick] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task The_same_request_sent_at_once_begins_one_comparison()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var request = new CreateTurnRequest("Compare") { Models = [Quick, Other] };
        var turns = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
            await (await ann.SendAsync(HttpMethod.Post, $"/v1/conversations/{talk.Id}/turns", request, r => r.Headers.Add("Idempotency-Key", "one"))).ReadAsync<TurnResponse>()));
        Assert.Single(turns.Select(t => t.Id).Distinct());
        Assert.Single(turns.Select(t => t.Others.Single().Id).Distinct());
        await ann.WaitsForAsync(turns[0]);
        Assert.Equal(3, (await ann.TreeAsync(talk.Id)).Count);
    }

    [Fact]
    public async Task Of_many_who_choose_ask_and_answer_again_at_once_the_tree_stays_whole()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var first = await ann.HasAnsweredAsync(talk.Id, "One");
        var tries = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => (i % 3) switch
        {
            0 => ann.PostAsync($"/v1/conversations/{talk.Id}/turns", new CreateTurnRequest($"Two {i}") { Models = [Quick, Other] }),
            1 => ann.PostAsync($"/v1/conversations/{talk.Id}/messages/{first.AssistantMessageId}/answers", new AnswerAgainRequest([Quick, Other])),
            _ => ann.SendAsync(HttpMethod.Put, $"/v1/conversations/{talk.Id}/current", new ChooseBranchRequest(first.UserMessageId)),
        }));
        Assert.All(tries, t => Assert.Contains(t.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict, HttpStatusCode.OK }));
        foreach (var accepted in tries.Where(t => t.StatusCode is HttpStatusCode.Accepted))
        {
            await ann.WaitsForAsync(await accepted.ReadAsync<TurnResponse>());
        }

        await Person.EventuallyAsync(() => ann.GetAsync<ConversationResponse>($"/v1/conversations/{talk.Id}"), c => c.ActiveTurnId is null);
        var tree = await ann.TreeAsync(talk.Id);
        Assert.Equal(Enumerable.Range(1, tree.Count), tree.Select(m => m.Seq));
        var known = new HashSet<Guid>();
        Assert.All(tree, m =>
        {
            Assert.True(m.ParentId is null || known.Contains(m.ParentId.Value));
            known.Add(m.Id);
        });
        Assert.Equal(TurnEventNames.Done, (await ann.AnswerAsync(talk.Id, "Still well?"))[^1].Name);
    }

    [Fact]
    public async Task An_answer_that_was_stopped_goes_on_from_its_text()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Slow)).Id);
        var turn = await ann.AskAsync(talk.Id, "Tell me a long story");
        await foreach (var e in ann.StreamAsync($"/v1/turns/{turn.Id}/events"))
        {
            if (e is { Name: TurnEventNames.Delta })
            {
                await ann.PostAsync($"/v1/turns/{turn.Id}/stop");
            }
        }

        var stopped = (await ann.MessagesAsync(talk.Id))[1];
        Assert.Equal(MessageStatus.Stopped, stopped.Status);
        var more = await (await ann.PostAsync($"/v1/conversations/{talk.Id}/messages/{stopped.Id}/continue")).ReadAsync<TurnResponse>();
        Assert.Equal(stopped.Id, more.AssistantMessageId);
        var deltas = 0;
        await foreach (var e in ann.StreamAsync($"/v1/turns/{more.Id}/events"))
        {
            if (e is { Name: TurnEventNames.Delta } && ++deltas == 3)
            {
                await ann.PostAsync($"/v1/turns/{more.Id}/stop");
            }
        }

        var longer = (await ann.MessagesAsync(talk.Id))[1];
        Assert.StartsWith(stopped.Text, longer.Text, StringComparison.Ordinal);
        Assert.True(longer.Text.Length > stopped.Text.Length);
        Assert.Equal(longer.Text, (await ann.EventsAsync(more.Id)).Text());
        var next = await ann.AskAsync(talk.Id, "And then?");
        await ann.PostAsync($"/v1/conversations/{talk.Id}/messages/{stopped.Id}/continue").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.NotContinuable);
        await ann.PostAsync($"/v1/turns/{next.Id}/stop");
        await ann.EventsAsync(next.Id);
    }

    [Fact]
    public async Task A_long_branch_is_read_page_by_page_past_other_branches()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var ids = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            var turn = await ann.HasAnsweredAsync(talk.Id, $"Question {i}");
            var again = await ann.AnswersAgainAsync(talk.Id, turn.AssistantMessageId);
            ids.AddRange([turn.UserMessageId, again.AssistantMessageId]);
        }

        var read = new List<Guid>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await ann.GetAsync<Page<MessageResponse>>($"/v1/conversations/{talk.Id}/messages?limit=3" + (cursor.Length > 0 ? $"&cursor={cursor}" : ""));
            read.AddRange(page.Items.Select(m => m.Id));
            cursor = page.Next;
        }

        read.Reverse();
        Assert.Equal(ids, read);
    }

    [Fact]
    public async Task What_is_in_another_conversation_is_no_place_in_this_one()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(Quick);
        var (one, two) = (await ann.TalksWithAsync(bot.Id), await ann.TalksWithAsync(bot.Id));
        var elsewhere = await ann.HasAnsweredAsync(one.Id, "One");
        await ann.PostAsync($"/v1/conversations/{two.Id}/turns", new CreateTurnRequest("x") { ParentId = elsewhere.AssistantMessageId }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync($"/v1/conversations/{two.Id}/turns", new CreateTurnRequest("x") { Edits = elsewhere.UserMessageId }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Put, $"/v1/conversations/{two.Id}/current", new ChooseBranchRequest(elsewhere.AssistantMessageId)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync($"/v1/conversations/{two.Id}/messages/{elsewhere.AssistantMessageId}/answers").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var eve = await app.SomebodyAsync();
        await eve.PostAsync($"/v1/conversations/{one.Id}/messages/{elsewhere.AssistantMessageId}/answers").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.SendAsync(HttpMethod.Put, $"/v1/conversations/{one.Id}/messages/{elsewhere.AssistantMessageId}/rating", new RateMessageRequest(MessageRatingValue.Up)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }
}
