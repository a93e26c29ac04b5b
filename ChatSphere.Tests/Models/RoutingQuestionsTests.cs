using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;
using ChatSphere.Data.Conversations;
using ChatSphere.Tests.Chat;
using ChatSphere.Tests.Infrastructure;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static ChatSphere.AI.Chat.Testing.ScriptedChatClient;

namespace ChatSphere.Tests.Models;

/// <summary>Which model, through which key, and what is kept of it.</summary>
public sealed class RoutingQuestionsTests
{
    private static readonly AITool Tool = AIFunctionFactory.Create(() => "x", "tool");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static AnswerRequest Ask(RouteLog? log = null) => Answering.Ask("?") with { Route = log ?? new() };

    private static IEnumerable<(string Model, string Outcome)> Outcomes(RouteLog log) => log.Steps.Select(s => (s.Model, s.Outcome));

    [Theory]
    [InlineData("llama3:8b", "gpt-4o", true, false, "gpt-4o", "lacks_tools")]
    [InlineData("gpt-3.5-turbo", "gpt-4o", false, true, "gpt-4o", "lacks_vision")]
    [InlineData("gpt-4o", "llama3:8b", true, true, "gpt-4o", null)]
    public async Task A_model_that_lacks_what_the_question_needs_is_passed_over(string first, string second, bool tools, bool picture, string answers, string? why)
    {
        var app = new Answering(o => (o.DefaultModel, o.Fallback) = (first, [second]));
        app.Provider[answers].ThenSay("There.");
        var log = new RouteLog();

        var events = await app.WriteAsync(Ask(log) with { Tools = tools ? [Tool] : [], Images = picture ? [new("a.png", new DataContent(new byte[] { 1 }, "image/png"))] : [] });

        Assert.Equal(answers, Assert.IsType<AnswerFinished>(events[^1]).Model);
        Assert.Equal(why, log.Steps.FirstOrDefault(s => s.Model == first && s.Outcome != "answered")?.Outcome);
        Assert.Equal((answers, "answered"), (log.Steps[^1].Model, log.Steps[^1].Outcome));
    }

    [Fact]
    public async Task When_no_model_has_tools_they_are_done_without()
    {
        var app = new Answering(o => (o.DefaultModel, o.Fallback) = ("llama3:8b", []));
        app.Provider["llama3:8b"].ThenSay("There.");

        Assert.Equal("There.", (await app.WriteAsync(Ask() with { Tools = [Tool] })).Text());
        Assert.Null(Assert.Single(app.Provider["llama3:8b"].Calls).Options.Tools);
    }

    [Fact]
    public async Task What_the_plan_lacks_is_passed_over_but_not_the_default()
    {
        var app = new Answering(o => (o.DefaultModel, o.Fallback) = ("first", ["second", "third"]));
        app.Provider["third"].ThenSay("From the third.");
        var log = new RouteLog();

        await app.WriteAsync(Ask(log) with { Model = "special", Access = new(["third"], []) });
        Assert.Equal([("special", "not_in_plan"), ("second", "not_in_plan"), ("first", "provider_unavailable")], Outcomes(log).DistinctBy(o => o.Model).Take(3));
        Assert.Equal(("third", "answered"), Outcomes(log).Last());
    }

    [Fact]
    public async Task A_question_longer_than_a_models_room_goes_to_one_with_more()
    {
        var app = new Answering(o => (o.DefaultModel, o.Fallback) = ("gpt-4", ["gpt-4o"]));
        app.Provider["gpt-4o"].ThenSay("Read.");
        var log = new RouteLog();

        var events = await app.WriteAsync(Ask(log) with { Question = string.Concat(Enumerable.Repeat("word after word ", 4_000)) });

        Assert.Equal("gpt-4o", Assert.IsType<AnswerFinished>(events[^1]).Model);
        Assert.Contains(("gpt-4", "context_too_small"), Outcomes(log));
    }

    [Theory]
    [InlineData("gpt-4o", null, 125_952)]
    [InlineData("gpt-4o", 8_000, 8_000)]
    [InlineData("gpt-4", null, 6_144)]
    [InlineData("gpt-4", 50_000, 6_144)]
    [InlineData("who-knows", null, 8_000)]
    [InlineData("who-knows", 50_000, 50_000)]
    public void The_prompt_is_as_long_as_model_and_deployment_allow(string model, int? configured, int tokens) =>
        Assert.Equal(tokens, new Answering(o => o.ContextTokens = configured).Catalogue.PromptTokensOf(model));

    [Fact]
    public async Task The_next_model_gets_a_shorter_prompt_when_it_has_less_room()
    {
        var app = new Answering(o => (o.DefaultModel, o.Fallback) = ("gpt-4o", ["gpt-4"]));
        app.Provider["gpt-4o"].ThenFail(new ProviderException("x", 400));
        app.Provider["gpt-4"].ThenSay("There.");
        var past = Enumerable.Range(0, 100).Select(i => new PastMessage(i % 2 == 0 ? PastRole.User : PastRole.Assistant, $"{i} " + string.Concat(Enumerable.Repeat("many words here ", 100)))).ToList();

        await app.WriteAsync(Ask() with { History = past });

        Assert.True(app.Provider["gpt-4o"].Calls[0].Messages.Count > 90);
        Assert.True(app.Provider["gpt-4"].Calls[0].Messages.Count is > 2 and < 40);
    }

    [Fact]
    public async Task The_cheapest_that_will_do_is_asked_when_cost_counts()
    {
        var app = new Answering(o => (o.DefaultModel, o.Fallback, o.Prefer) = ("gpt-4o", ["who-knows", "gpt-4o-mini", "gpt-3.5-turbo"], ModelPreference.Cost));
        Assert.Equal(["gpt-4o-mini", "gpt-3.5-turbo", "gpt-4o", "who-knows", "extractive"], app.Catalogue.Plan(Ask()).Models);
        app.Provider["gpt-4o-mini"].ThenSay("Cheap.");
        Assert.Equal("Cheap.", (await app.WriteAsync(Ask())).Text());
    }

    [Fact]
    public void What_tokens_cost_is_told_by_the_models_price()
    {
        var catalogue = new Answering().Catalogue;
        Assert.Equal(2.50m + 1m, catalogue.CostOf("gpt-4o-2024-11-20", 1_000_000, 100_000));
        Assert.Equal(0m, catalogue.CostOf("extractive", 1_000, 1_000));
        Assert.Null(catalogue.CostOf("who-knows", 1, 1));
        Assert.Null(new Answering(o => o.Currency = "EUR").Catalogue.CostOf("gpt-4o", 1, 1));
    }

    [Fact]
    public async Task The_route_tells_every_call_and_what_it_took()
    {
        var app = new Answering();
        app.First.ThenFail(new ProviderException("x", 503)).ThenFail(new ProviderException("x", 400));
        app.Second.Then(Step.Text("Let me see."), Step.Call("c1", "tool", "{}"), Step.Usage(10, 2), Step.Finish(ChatFinishReason.ToolCalls)).ThenSay("There.");
        var log = new RouteLog();

        await app.WriteAsync(Ask(log) with { Tools = [Tool] });

        Assert.Equal(
            [new RouteStep("first", "scripted", "provider_unavailable", 0, 0, 0, false), new("first", "scripted", "provider_refused", 0, 0, 0, false), new("second", "scripted", "answered", 0, 20, 3, false)],
            log.Steps.Select(s => s with { Milliseconds = 0 }));
    }

    [Fact]
    public async Task Somebody_who_goes_away_leaves_a_trace_of_what_it_cost()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Half of"), Step.Silence());
        var log = new RouteLog();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in app.Writer.WriteAsync(Ask(log), gone.Token))
            {
                await gone.CancelAsync();
            }
        });

        var step = Assert.Single(log.Steps);
        Assert.Equal(("first", "cancelled"), (step.Model, step.Outcome));
        Assert.True(step is { InputTokens: > 0, OutputTokens: > 0 });
    }

    [Fact]
    public async Task A_model_slow_to_start_is_outrun_by_the_next_and_both_are_accounted_for()
    {
        var app = new Answering(o => o.HedgeAfter = TimeSpan.FromSeconds(20));
        app.First.Then(Step.Silence());
        app.Second.ThenSay("Quick.");
        var log = new RouteLog();
        var writing = app.WriteAsync(Ask(log));
        await Person.EventuallyAsync(() => Task.FromResult(app.First.Calls.Count), n => n == 1);
        app.Time.Advance(TimeSpan.FromSeconds(21));

        var events = await writing;

        Assert.Equal([new AnswerSwitched("first", "second", "provider_slow"), new AnswerDelta("Quick.")], events[..2]);
        var finished = Assert.IsType<AnswerFinished>(events[^1]);
        Assert.Equal(("second", true), (finished.Model, finished.Estimated));
        Assert.Equal([("first", "outrun"), ("second", "answered")], Outcomes(log));
        Assert.True(log.Steps[0].InputTokens > 0);
        Assert.Equal(finished.InputTokens, log.Steps.Sum(s => s.InputTokens));
        Assert.True(app.First.Calls[0].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task The_first_answers_when_it_speaks_before_the_one_that_was_asked_as_well()
    {
        var gate = new TaskCompletionSource();
        var app = new Answering(o => o.HedgeAfter = TimeSpan.FromSeconds(20));
        app.First.Then(Step.Wait(gate.Task), Step.Text("At last."), Step.Usage(1, 1), Step.Finish());
        app.Second.Then(Step.Silence());
        var log = new RouteLog();
        var writing = app.WriteAsync(Ask(log));
        await Person.EventuallyAsync(() => Task.FromResult(app.First.Calls.Count), n => n == 1);
        app.Time.Advance(TimeSpan.FromSeconds(21));
        await Person.EventuallyAsync(() => Task.FromResult(app.Second.Calls.Count), n => n == 1);
        gate.SetResult();

        var events = await writing;

        Assert.Equal("At last.", events.Text());
        Assert.DoesNotContain(events, e => e is AnswerSwitched);
        Assert.Equal([("second", "outrun"), ("first", "answered")], Outcomes(log));
    }

    [Fact]
    public async Task A_first_that_fails_while_the_second_runs_hands_over_at_once()
    {
        var gate = new TaskCompletionSource();
        var app = new Answering(o => o.HedgeAfter = TimeSpan.FromSeconds(20));
        app.First.Then(Step.Wait(gate.Task), Step.Throw(new ProviderException("x", 503)));
        app.Second.Then(Step.Wait(gate.Task), Step.Text("Quick."), Step.Finish());
        var log = new RouteLog();
        var writing = app.WriteAsync(Ask(log));
        await Person.EventuallyAsync(() => Task.FromResult(app.First.Calls.Count), n => n == 1);
        app.Time.Advance(TimeSpan.FromSeconds(21));
        await Person.EventuallyAsync(() => Task.FromResult(app.Second.Calls.Count), n => n == 1);
        gate.SetResult();

        Assert.Equal("Quick.", (await writing).Text());
        Assert.Equal(("second", "answered"), Outcomes(log).Last());
        Assert.Contains(Outcomes(log).First().Outcome, new[] { "provider_unavailable", "outrun" });
    }

    [Fact]
    public async Task Nobody_is_asked_besides_when_the_first_is_quick()
    {
        var app = new Answering(o => o.HedgeAfter = TimeSpan.FromSeconds(20));
        app.First.ThenSay("Here.");
        Assert.Equal("Here.", (await app.WriteAsync(Ask())).Text());
        Assert.Empty(app.Second.Calls);
    }

    [Fact]
    public async Task Several_keys_share_the_calls()
    {
        var app = new Pool("a", "b", "c");
        for (var i = 0; i < 9; i++)
        {
            foreach (var key in app.Keys)
            {
                key["m"].ThenSay("Yes.");
            }

            Assert.Equal("Yes.", (await app.WriteAsync()).Text());
        }

        Assert.All(app.Keys, k => Assert.Equal(3, k["m"].Calls.Count));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_key_that_fails_hands_over_to_another_without_waiting_and_rests(int status)
    {
        var app = new Pool("a", "b");
        var (bad, good) = (app.Keys[0], app.Keys[1]);
        for (var i = 0; i < 6; i++)
        {
            bad["m"].ThenFail(new ProviderException("x", status, TimeSpan.FromSeconds(60)));
            good["m"].ThenSay("Yes.");
        }

        var log = new RouteLog();
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal("Yes.", (await app.WriteAsync(log)).Text());
        }

        Assert.Empty(app.Time.Waited);
        Assert.Equal(6, good["m"].Calls.Count);
        Assert.InRange(bad["m"].Calls.Count, 1, status == 503 ? 5 : 1);
    }

    [Fact]
    public async Task A_circuit_is_one_keys_and_not_the_others()
    {
        var app = new Pool("a", "b");
        for (var i = 0; i < 20; i++)
        {
            app.Keys[0]["m"].ThenFail(new ProviderException("x", 503));
            app.Keys[1]["m"].ThenSay("Yes.");
            Assert.Equal("Yes.", (await app.WriteAsync()).Text());
        }

        Assert.Equal((CircuitState.Open, CircuitState.Closed), (app.Circuits.StateOf("pool", "m", "a"), app.Circuits.StateOf("pool", "m", "b")));
        Assert.Equal(5, app.Keys[0]["m"].Calls.Count);
    }

    /// <summary>One connection with several keys, each a provider of its own to be scripted.</summary>
    private sealed class Pool
    {
        private readonly AnswerWriter _writer;

        public Pool(params string[] keys)
        {
            Keys = [.. keys.Select(_ => new ScriptedProvider("m"))];
            var options = Options.Create(new AiOptions { FallbackToExtractive = false });
            var connection = new ModelConnection("pool", [.. keys.Select((k, i) => new ConnectionKey(k, Keys[i]))], Time, NullLogger.Instance) { DefaultModel = "m" };
            _writer = new(new([], options, Time, NullLogger<ModelCatalogue>.Instance, [connection]), Circuits = new(Time), options, Time, NullLogger<AnswerWriter>.Instance);
        }

        public IReadOnlyList<ScriptedProvider> Keys { get; }

        public ManualTime Time { get; } = new(TimeSpan.FromSeconds(12));

        public ModelCircuits Circuits { get; }

        public async Task<List<AnswerEvent>> WriteAsync(RouteLog? log = null)
        {
            var events = new List<AnswerEvent>();
            await foreach (var happened in _writer.WriteAsync(Ask(log), Token))
            {
                events.Add(happened);
            }

            return events;
        }
    }
}
