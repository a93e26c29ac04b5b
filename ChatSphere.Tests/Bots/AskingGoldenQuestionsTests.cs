using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Bots;

public sealed class AskingGoldenQuestionsTests(ChatSphereApp app)
{
    private const string Rule = "The notice period is three months. It begins at the end of the month in which the notice was given.";

    [Fact]
    public async Task A_change_that_loses_an_answer_is_not_published_unless_somebody_answers_for_it()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(bot.Id, "rules.txt", Rule);
        var question = await (await ann.PostAsync($"/v1/bots/{bot.Id}/golden-questions", new SaveGoldenQuestionRequest(
            "How long is the notice period?", [new(document.Id)], ["THREE   months"], ["end of the month", "notice period"], ["six months"]))).ReadAsync<GoldenQuestionResponse>();
        Assert.Equal("rules.txt", question.Sources.Single().DocumentName);

        // Every answer of a language model that does not quote fails what the built-in one passes.
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest { ReviewBeforePublishing = true });
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Model: "mock-len3"));
        await ann.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest()).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.TestsRequired);

        var run = await ann.RunsTestsAsync(bot.Id);
        Assert.Equal((GoldenRunStatus.Finished, true, 2, 2), (run.Status, run.IsCurrent, run.Total, run.Done));
        Assert.Equal((new GoldenTally(1, 0), new GoldenTally(0, 1)), (run.Live, run.Draft));
        Assert.Equal([question.Id], run.Regressions);
        var answers = Assert.Single(run.Results!);
        Assert.Contains("three months", answers.Live!.Answer, StringComparison.Ordinal);
        Assert.Equal((document.Id, "extractive"), (answers.Live.Cited.Single().DocumentId, answers.Live.Model));
        Assert.Contains("missing_phrase: THREE   months", answers.Draft!.Failures);
        Assert.Equal("mock-len3", answers.Draft.Model);
        Assert.True(answers.Draft.OutputTokens > 0);

        var blocked = await ann.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest()).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.PublishBlocked);
        Assert.Contains("would not be any more", blocked.Detail, StringComparison.Ordinal);
        await ann.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest(Override: true)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var published = await ann.DoesAsync(bot.Id, "publish", new PublishBotRequest(Override: true, Reason: "The new model is wanted for its tone."));
        Assert.Equal(("mock-len3", 2, null), (published.Model, published.Version, published.Draft));
    }

    [Fact]
    public async Task A_draft_that_does_as_well_is_published_and_a_run_of_something_else_does_not_count()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.HasDocumentAsync(bot.Id, "rules.txt", Rule);
        await ann.PostAsync($"/v1/bots/{bot.Id}/golden-questions", new SaveGoldenQuestionRequest("How long is the notice period?", All: ["three months"]));
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest { ReviewBeforePublishing = true });
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Instructions: "Answer from the documents, briefly."));
        Assert.Empty((await ann.RunsTestsAsync(bot.Id)).Regressions);

        // What is asked of it, or the draft, is another now.
        var other = await (await ann.PostAsync($"/v1/bots/{bot.Id}/golden-questions", new SaveGoldenQuestionRequest("When does it begin?", Any: ["end of the month"]))).ReadAsync<GoldenQuestionResponse>();
        await ann.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest()).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.TestsRequired);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}/golden-questions/{other.Id}");
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Name: "Another name"));
        await ann.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest()).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.TestsRequired);
        Assert.Equal((new GoldenTally(1, 0), new GoldenTally(1, 0)), await ann.RunsTestsAsync(bot.Id) is var run ? (run.Live, run.Draft) : default);
        Assert.Equal(2, (await ann.DoesAsync(bot.Id, "publish", new PublishBotRequest())).Version);
        Assert.Equal([false, false], (await ann.GetAsync<IReadOnlyList<GoldenRunResponse>>($"/v1/bots/{bot.Id}/golden-runs")).Select(r => r.IsCurrent));
    }

    [Fact]
    public async Task Tests_run_once_at_a_time_and_count_as_messages_of_who_starts_them()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-len3");
        await ann.PostAsync($"/v1/bots/{bot.Id}/golden-runs").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.GoldenQuestionsMissing);
        for (var i = 0; i < 3; i++)
        {
            await ann.PostAsync($"/v1/bots/{bot.Id}/golden-questions", new SaveGoldenQuestionRequest($"Question {i}?", Forbidden: ["nonsense"]));
        }

        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        await bob.PostAsync($"/v1/bots/{bot.Id}/golden-runs").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var started = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ann.PostAsync($"/v1/bots/{bot.Id}/golden-runs")));
        Assert.InRange(started.Count(r => r.StatusCode == HttpStatusCode.Accepted), 1, 4);
        Assert.All(started, r => Assert.True(r.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict));
        var runs = await Person.EventuallyAsync(() => ann.GetAsync<IReadOnlyList<GoldenRunResponse>>($"/v1/bots/{bot.Id}/golden-runs"), all => all.All(r => r.Status == GoldenRunStatus.Finished));
        Assert.All(runs, r => Assert.Equal((3, 3, new GoldenTally(3, 0), null), (r.Total, r.Done, r.Live, r.Draft)));
        Assert.Empty((await ann.GetAsync<Page<Contracts.Conversations.ConversationResponse>>("/v1/conversations")).Items);
    }

    [Fact]
    public async Task Tests_are_counted_in_budgets_and_end_with_the_reason_when_one_is_used_up()
    {
        var (administrator, ann) = (await app.AdministratorAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync("mock-len3");
        foreach (var question in new[] { "How long?", "How far?" })
        {
            await ann.PostAsync($"/v1/bots/{bot.Id}/golden-questions", new SaveGoldenQuestionRequest(question, Forbidden: ["nonsense"]));
        }

        var run = await ann.RunsTestsAsync(bot.Id);
        Assert.Equal((GoldenRunStatus.Finished, 2), (run.Status, run.Done));
        var spent = run.Results!.Sum(r => r.Live!.InputTokens + r.Live.OutputTokens);
        var budget = await ann.GetAsync<BudgetResponse>("/v1/usage/mine/budget");
        Assert.Equal((spent, 0m), budget.Periods[0] is var today ? (today.Tokens.Spent, today.Tokens.Reserved) : default);
        Assert.Equal(2, (await ann.GetAsync<UsageReportResponse>("/v1/usage/mine?by=bot")).Rows.Single(r => r.Key == bot.Id.ToString()).Answers);
        Assert.Equal(2, (await ann.GetAsync<Contracts.Plans.PlanUsageResponse>("/v1/accounts/me/usage")).Items.Single(i => i.Kind == "messages").Used);

        (await administrator.SendAsync(HttpMethod.Put, $"/v1/admin/budgets/accounts/{ann.Account.Id}", new BudgetLimits(TokensPerDay: spent + 10))).EnsureSuccessStatusCode();
        var refused = await ann.RunsTestsAsync(bot.Id);
        Assert.Equal((GoldenRunStatus.Interrupted, 0), (refused.Status, refused.Done));
        Assert.StartsWith("Your budget for today", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(0, (await ann.GetAsync<BudgetResponse>("/v1/usage/mine/budget")).Periods[0].Tokens.Reserved);
        Assert.Equal(2, (await ann.GetAsync<Contracts.Plans.PlanUsageResponse>("/v1/accounts/me/usage")).Items.Single(i => i.Kind == "messages").Used);
    }

    [Fact]
    public async Task A_question_that_asks_for_nothing_or_cites_others_documents_is_refused()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var elsewhere = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(elsewhere.Id, "rules.txt", Rule);
        foreach (var request in new SaveGoldenQuestionRequest[]
        {
            new("What?"), new(" ", All: ["x"]), new("What?", All: [" "]), new("What?", [new(document.Id)]), new("What?", [new(Guid.NewGuid())]), new("What?", Forbidden: [new string('x', 501)]),
        })
        {
            await ann.PostAsync($"/v1/bots/{bot.Id}/golden-questions", request).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }
    }
}
