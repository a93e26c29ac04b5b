using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;
using Microsoft.Extensions.AI;
using static ChatSphere.AI.Chat.Testing.ScriptedChatClient;

namespace ChatSphere.Tests.Chat;

public sealed class AnsweringWithHealthyModelTests
{
    [Fact]
    public async Task Pieces_arrive_in_order_and_the_end_says_model_and_usage()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Once "), Step.Text("upon "), Step.Text("a time."), Step.Usage(21, 5), Step.Finish());

        var events = await app.WriteAsync(Answering.Ask("Tell me."));

        Assert.Equal(
            [new AnswerDelta("Once "), new AnswerDelta("upon "), new AnswerDelta("a time."), new AnswerFinished("first", 21, 5, Estimated: false, "stop")], events);
    }

    [Fact]
    public async Task A_piece_is_passed_on_before_the_next_one_exists()
    {
        var app = new Answering();
        var gate = new TaskCompletionSource();
        app.First.Then(Step.Text("Now"), Step.Wait(gate.Task), Step.Text(" later"), Step.Finish());

        await using var events = app.Writer.WriteAsync(Answering.Ask("?"), TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new AnswerDelta("Now"), events.Current);
        gate.SetResult();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new AnswerDelta(" later"), events.Current);
    }

    [Fact]
    public async Task Usage_is_estimated_when_the_provider_reports_none()
    {
        var app = new Answering();
        app.First.Then(Step.Text("An answer of a few words."), Step.Finish());

        var finished = Assert.IsType<AnswerFinished>((await app.WriteAsync(Answering.Ask("?")))[^1]);

        Assert.True(finished.Estimated);
        Assert.InRange(finished.OutputTokens, 4, 12);
        Assert.True(finished.InputTokens > 20);
    }

    [Fact]
    public async Task The_bots_model_temperature_and_output_cap_reach_the_provider()
    {
        var app = new Answering(o => o.MaxOutputTokens = 77);
        app.Provider["special"].ThenSay("Yes.");

        var events = await app.WriteAsync(Answering.Ask("?") with { Model = "special", Temperature = 0.25 });

        Assert.Equal("special", Assert.IsType<AnswerFinished>(events[^1]).Model);
        var call = Assert.Single(app.Provider["special"].Calls);
        Assert.Equal(0.25f, call.Options.Temperature);
        Assert.Equal(77, call.Options.MaxOutputTokens);
    }

    [Fact]
    public async Task Broken_characters_are_repaired_and_pairs_split_over_pieces_survive()
    {
        var app = new Answering();
        app.First.Then(Step.Text("a\0b \uD83D"), Step.Text("\uDE00 \uDC00"), Step.Text("c\uD83D"), Step.Finish());

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal("ab 😀 \uFFFDc\uFFFD", events.Text());
        Assert.All(events.OfType<AnswerDelta>(), d => Assert.Equal(d.Text, string.Concat(d.Text.EnumerateRunes().Select(r => r.ToString()))));
    }

    [Fact]
    public async Task An_endless_stream_is_cut_off()
    {
        var app = new Answering();
        app.First.Then(Endless);

        var events = await app.WriteAsync(Answering.Ask("?"));

        Assert.Equal(200_000, events.Text().Length);
        Assert.Equal("length", Assert.IsType<AnswerFinished>(events[^1]).FinishReason);
        Assert.True(app.First.Calls[0].Token.IsCancellationRequested);

        static async IAsyncEnumerable<ChatResponseUpdate> Endless(ScriptedCall call)
        {
            while (true)
            {
                await Task.CompletedTask;
                yield return new(ChatRole.Assistant, new string('x', 999));
            }
        }
    }

    [Fact]
    public async Task Cancelling_passes_through_after_the_pieces_so_far_and_stops_the_model()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Half"), Step.Silence());
        using var stop = new CancellationTokenSource();
        var text = "";

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var happened in app.Writer.WriteAsync(Answering.Ask("?"), stop.Token))
            {
                text += Assert.IsType<AnswerDelta>(happened).Text;
                await stop.CancelAsync();
            }
        });

        Assert.Equal("Half", text);
        Assert.True(app.First.Calls[0].Token.IsCancellationRequested);
        Assert.Empty(app.Second.Calls);
        Assert.Equal(CircuitState.Closed, app.Circuits.StateOf("scripted", "first"));
    }

    [Fact]
    public async Task A_reader_who_goes_away_stops_the_model()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Half"), Step.Silence());

        await foreach (var _ in app.Writer.WriteAsync(Answering.Ask("?"), TestContext.Current.CancellationToken))
        {
            break;
        }

        Assert.True(app.First.Calls[0].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_slow_reader_is_not_taken_for_a_silent_model()
    {
        var app = new Answering();
        app.First.ThenSay("one ", "two ", "three");
        var text = "";

        await foreach (var happened in app.Writer.WriteAsync(Answering.Ask("?"), TestContext.Current.CancellationToken))
        {
            text += happened is AnswerDelta delta ? delta.Text : "";
            app.Time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal("one two three", text);
    }
}
