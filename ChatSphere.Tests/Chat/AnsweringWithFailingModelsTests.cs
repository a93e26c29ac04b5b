using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;
using Microsoft.Extensions.AI;
using static ChatSphere.AI.Chat.Testing.ScriptedChatClient;

namespace ChatSphere.Tests.Chat;

public sealed class AnsweringWithFailingModelsTests
{
    private static ProviderException Status(int status, TimeSpan? retryAfter = null) => new("scripted", status, retryAfter);

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_busy_model_is_asked_again_and_nobody_notices(int status)
    {
        var app = new Answering();
        app.First.ThenFail(Status(status)).ThenFail(new HttpRequestException("reset")).ThenSay("There.");

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal("There.", events.Text());
        Assert.Equal(2, events.Count);
        Assert.Equal(3, app.First.Calls.Count);
        Assert.All(app.Time.Waited, w => Assert.InRange(w, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(800)));
    }

    [Fact]
    public async Task After_two_retries_the_next_model_answers()
    {
        var app = new Answering();
        app.First.ThenFail(Status(503)).ThenFail(Status(503)).ThenFail(Status(503)).ThenSay("too late");
        app.Second.ThenSay("From the second.");

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal(new AnswerSwitched("first", "second", "provider_unavailable"), events[0]);
        Assert.Equal("From the second.", events.Text());
        Assert.Equal("second", Assert.IsType<AnswerFinished>(events[^1]).Model);
        Assert.Equal(3, app.First.Calls.Count);
    }

    [Fact]
    public async Task Retry_after_is_honoured()
    {
        var app = new Answering();
        app.First.ThenFail(Status(429, TimeSpan.FromSeconds(7))).ThenSay("There.");

        Assert.Equal("There.", (await app.WriteAsync(Answering.Ask("?"))).Text());
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.Single(app.Time.Waited));
    }

    [Fact]
    public async Task A_retry_after_nobody_would_wait_for_goes_to_the_next_model()
    {
        var app = new Answering();
        app.First.ThenFail(Status(429, TimeSpan.FromSeconds(11)));
        app.Second.ThenSay("There.");

        Assert.Equal("There.", (await app.WriteAsync(Answering.Ask("?"))).Text());
        Assert.Empty(app.Time.Waited);
        Assert.Single(app.First.Calls);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_refused_call_is_not_repeated_but_the_next_model_is_asked(int status)
    {
        var app = new Answering();
        app.First.ThenFail(Status(status));
        app.Second.ThenSay("There.");

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal(new AnswerSwitched("first", "second", "provider_refused"), events[0]);
        Assert.Single(app.First.Calls);
        Assert.Equal("There.", events.Text());
    }

    [Fact]
    public async Task An_empty_answer_counts_as_failure()
    {
        var app = new Answering();
        app.First.Then(Step.Finish()).Then(Step.Text("  \n"), Step.Finish()).Then();
        app.Second.ThenSay("There.");

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal([new AnswerSwitched("first", "second", "answer_empty"), new AnswerDelta("There.")], events[..2]);
    }

    [Fact]
    public async Task A_withheld_answer_is_not_asked_for_again()
    {
        var app = new Answering(o => (o.Fallback, o.FallbackToExtractive) = ([], false));
        app.First.Then(Step.Finish(ChatFinishReason.ContentFilter));

        Assert.Equal("provider_refused", Assert.IsType<AnswerFailed>(Assert.Single(await app.WriteAsync(Answering.Ask("?")))).Code);
        Assert.Single(app.First.Calls);
    }

    [Fact]
    public async Task A_broken_stream_continues_on_the_next_model_without_repetition()
    {
        var app = new Answering();
        app.First.Then(Step.Text("The capital of France is Par"), Step.Throw(new IOException("cut")));
        app.Second.ThenSay("The capital ", "of France", " is Par", "is, on the Seine.");

        var events = await app.WriteAsync(Answering.Ask("Capital?"));

        Assert.Equal("The capital of France is Paris, on the Seine.", events.Text());
        Assert.Contains(new AnswerSwitched("first", "second", "provider_broke_off"), events);
        Assert.Equal(1, events.FindIndex(e => e is AnswerSwitched));
        Assert.Single(app.First.Calls);
        var call = Assert.Single(app.Second.Calls);
        Assert.Equal((ChatRole.Assistant, "The capital of France is Par"), (call.Messages[^2].Role, call.Messages[^2].Text));
        Assert.Equal(app.First.Calls[0].Messages.Select(m => m.Text), call.Messages.SkipLast(2).Select(m => m.Text));
    }

    [Theory]
    [InlineData("It is two", "two hundred.", "It is twotwo hundred.")]
    [InlineData("Use hammer and to", "ols of steel.", "Use hammer and tools of steel.")]
    [InlineData("See the manual.", "It helps.", "See the manual. It helps.")]
    [InlineData("See the manual", ", it helps.", "See the manual, it helps.")]
    [InlineData("Press the green button", "\n\nPress the green button twice.", "Press the green button twice.")]
    [InlineData("首都は東京です", "首都は東京です。大きい。", "首都は東京です。大きい。")]
    [InlineData("abc", "xyz", "abcxyz")]
    public async Task The_joint_is_smooth(string shown, string continuation, string expected)
    {
        foreach (var size in new[] { 1, 3, 1_000 })
        {
            var app = new Answering();
            app.First.Then(Step.Text(shown), Step.Throw(new IOException("cut")));
            app.Second.ThenSay([.. continuation.Chunk(size).Select(c => new string(c))]);

            Assert.Equal(expected, (await app.WriteAsync(Answering.Ask("?"))).Text());
        }
    }

    [Fact]
    public async Task Usage_adds_up_over_the_models_that_took_part()
    {
        var app = new Answering();
        app.First.Then(Step.Text("A beginning"), Step.Throw(new IOException("cut")));
        app.Second.Then(Step.Text(" and an end."), Step.Usage(100, 10), Step.Finish());

        var finished = Assert.IsType<AnswerFinished>((await app.WriteAsync(Answering.Ask("?")))[^1]);

        Assert.True(finished.Estimated);
        Assert.True(finished.InputTokens > 100);
        Assert.True(finished.OutputTokens > 10);
    }

    [Fact]
    public async Task Silence_in_the_middle_counts_as_broken_off()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Half an"), Step.Silence());
        app.Second.ThenSay(" answer.");
        await using var events = app.Writer.WriteAsync(Answering.Ask("?"), TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync();
        app.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(next.IsCompleted);
        app.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await next);
        Assert.Equal(new AnswerSwitched("first", "second", "provider_broke_off"), events.Current);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new AnswerDelta(" answer."), events.Current);
        Assert.True(app.First.Calls[0].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_model_that_never_starts_is_given_up_after_one_more_try()
    {
        var app = new Answering();
        var second = new TaskCompletionSource();
        app.First.Then(Step.Silence()).Then(call => Signal(call, second));
        app.Second.ThenSay("There.");

        var answer = app.WriteAsync(Answering.Ask("?"));
        app.Time.Advance(TimeSpan.FromSeconds(60));
        await second.Task;
        app.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal([new AnswerSwitched("first", "second", "provider_unavailable"), new AnswerDelta("There.")], (await answer)[..2]);
        Assert.Equal(2, app.First.Calls.Count);

        static async IAsyncEnumerable<ChatResponseUpdate> Signal(ScriptedCall call, TaskCompletionSource started)
        {
            var silence = Task.Delay(Timeout.Infinite, call.Token);
            started.SetResult();
            await silence;
            yield break;
        }
    }

    [Fact]
    public async Task Signs_of_life_without_text_keep_a_thinking_model()
    {
        var app = new Answering();
        app.First.Then(Think);

        Assert.Equal("Thought.", (await app.WriteAsync(Answering.Ask("?"))).Text());

        async IAsyncEnumerable<ChatResponseUpdate> Think(ScriptedCall call)
        {
            for (var i = 0; i < 10; i++)
            {
                await Task.CompletedTask;
                app.Time.Advance(TimeSpan.FromSeconds(20));
                yield return new() { Role = ChatRole.Assistant };
            }

            yield return new(ChatRole.Assistant, "Thought.") { FinishReason = ChatFinishReason.Stop };
        }
    }

    [Fact]
    public async Task The_whole_answer_has_an_end_too()
    {
        var app = new Answering(o => o.AnswerTimeout = TimeSpan.FromSeconds(90), instantly: TimeSpan.Zero);
        app.First.Then(Endless);

        var events = await app.WriteAsync(Answering.Ask("?"));

        // The second model is not asked any more, the extractive one takes no time.
        Assert.Contains(new AnswerSwitched("first", "extractive", "answer_timeout"), events);
        Assert.Equal("extractive", Assert.IsType<AnswerFinished>(events[^1]).Model);
        Assert.Empty(app.Second.Calls);

        async IAsyncEnumerable<ChatResponseUpdate> Endless(ScriptedCall call)
        {
            while (true)
            {
                await Task.CompletedTask;
                app.Time.Advance(TimeSpan.FromSeconds(20));
                call.Token.ThrowIfCancellationRequested();
                yield return new(ChatRole.Assistant, "word ");
            }
        }
    }

    [Fact]
    public async Task When_every_language_model_fails_the_passages_answer_and_say_why()
    {
        var app = new Answering();
        app.First.ThenFail(Status(401));
        app.Second.ThenFail(Status(401));

        var events = await app.WriteAsync(Answering.Ask("How hot is the kettle?", "The kettle is heated to 96 degrees. It whistles."));

        Assert.Equal([new AnswerSwitched("first", "second", "provider_refused"), new AnswerSwitched("second", "extractive", "provider_refused")], events[..2]);
        Assert.Contains("not available right now", events.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("No language model is connected", events.Text(), StringComparison.Ordinal);
        Assert.Contains("The kettle is heated to 96 degrees.", events.Text(), StringComparison.Ordinal);
        Assert.Equal(new AnswerFinished("extractive", 0, 0, Estimated: false, "stop"), events[^1]);
    }

    [Fact]
    public async Task A_break_with_nobody_left_ends_with_the_passages_in_a_new_paragraph()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Heat it:\n```sh\nkettle --on"), Step.Throw(new IOException("cut")));
        app.Second.ThenFail(Status(401));

        var text = (await app.WriteAsync(Answering.Ask("How hot is the kettle?", "The kettle is heated to 96 degrees. It whistles."))).Text();

        Assert.StartsWith("Heat it:\n```sh\nkettle --on\n```\n\nThe language model broke off here", text, StringComparison.Ordinal);
        Assert.EndsWith("[1]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_fails_and_the_last_event_says_so_without_what_the_provider_said()
    {
        var app = new Answering(o => o.FallbackToExtractive = false);
        app.First.ThenFail(Status(400));
        app.Second.ThenFail(new InvalidOperationException("sk-secret"));

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal(2, events.Count);
        var failed = Assert.IsType<AnswerFailed>(events[^1]);
        Assert.Equal("provider_unavailable", failed.Code);
        Assert.DoesNotContain("sk-secret", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_an_answer_that_nobody_can_finish_fails_as_broken_off()
    {
        var app = new Answering(o => o.FallbackToExtractive = false);
        app.First.Then(Step.Text("Half"), Step.Throw(new IOException("cut")));
        app.Second.ThenFail(Status(503)).ThenFail(Status(503)).ThenFail(Status(503));

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal("Half", events.Text());
        Assert.Equal("provider_broke_off", Assert.IsType<AnswerFailed>(events[^1]).Code);
    }

    [Fact]
    public async Task A_circuit_opens_lets_one_call_try_and_closes_again()
    {
        var app = new Answering();
        for (var i = 0; i < 5; i++)
        {
            app.First.ThenFail(Status(503));
        }

        for (var i = 0; i < 4; i++)
        {
            app.Second.ThenSay("Second.");
        }

        await app.WriteAsync(Answering.Ask("?"));
        await app.WriteAsync(Answering.Ask("?"));
        Assert.Equal(CircuitState.Open, app.Circuits.StateOf("scripted", "first"));
        Assert.Equal(5, app.First.Calls.Count);

        var spared = await app.WriteAsync(Answering.Ask("?"));
        Assert.Equal(new AnswerSwitched("first", "second", "circuit_open"), spared[0]);
        Assert.Equal(5, app.First.Calls.Count);

        app.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(CircuitState.HalfOpen, app.Circuits.StateOf("scripted", "first"));
        var gate = new TaskCompletionSource();
        app.First.Then(Step.Wait(gate.Task), Step.Text("Back."), Step.Finish()).ThenSay("Well again.");
        var probe = app.WriteAsync(Answering.Ask("?"));
        Assert.Equal("Second.", (await app.WriteAsync(Answering.Ask("?"))).Text());
        gate.SetResult();
        Assert.Equal("Back.", (await probe).Text());

        Assert.Equal(CircuitState.Closed, app.Circuits.StateOf("scripted", "first"));
        Assert.Equal("Well again.", (await app.WriteAsync(Answering.Ask("?"))).Text());
    }

    [Fact]
    public async Task A_failed_try_opens_the_circuit_again()
    {
        var app = new Answering(o => o.Fallback = []);
        for (var i = 0; i < 6; i++)
        {
            app.First.ThenFail(Status(503));
        }

        await app.WriteAsync(Answering.Ask("?"));
        await app.WriteAsync(Answering.Ask("?"));
        app.Time.Advance(TimeSpan.FromSeconds(15));
        await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal(6, app.First.Calls.Count);
        Assert.Equal(CircuitState.Open, app.Circuits.StateOf("scripted", "first"));
    }

    [Fact]
    public async Task A_try_that_the_person_cancels_leaves_the_circuit_to_the_next_one()
    {
        var app = new Answering(o => o.Fallback = []);
        for (var i = 0; i < 5; i++)
        {
            app.First.ThenFail(Status(503));
        }

        await app.WriteAsync(Answering.Ask("?"));
        await app.WriteAsync(Answering.Ask("?"));
        app.Time.Advance(TimeSpan.FromSeconds(15));
        app.First.Then(Step.Silence()).ThenSay("Back.");
        using var stop = new CancellationTokenSource();
        await using (var events = app.Writer.WriteAsync(Answering.Ask("?"), stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken))
        {
            var next = events.MoveNextAsync();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }

        Assert.Equal("Back.", (await app.WriteAsync(Answering.Ask("?"))).Text());
    }

    [Fact]
    public async Task Failures_far_apart_do_not_open_a_circuit()
    {
        var app = new Answering(o => o.Fallback = []);
        for (var i = 0; i < 12; i++)
        {
            app.First.ThenFail(Status(429, TimeSpan.FromMinutes(1)));
            await app.WriteAsync(Answering.Ask("?"));
            app.Time.Advance(TimeSpan.FromSeconds(11));
        }

        Assert.Equal(CircuitState.Closed, app.Circuits.StateOf("scripted", "first"));
    }
}
