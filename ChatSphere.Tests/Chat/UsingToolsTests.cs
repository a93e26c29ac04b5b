using ChatSphere.AI.Chat;
using Microsoft.Extensions.AI;
using static ChatSphere.AI.Chat.Testing.ScriptedChatClient;

namespace ChatSphere.Tests.Chat;

public sealed class UsingToolsTests
{
    private static AnswerRequest Ask(params AITool[] tools) => Answering.Ask("Weather?") with { Tools = tools };

    [Fact]
    public async Task A_tool_is_called_and_its_result_goes_back_to_the_model()
    {
        var app = new Answering();
        app.First.Then(Step.Text("Let me see."), Step.Call("c1", "weather", """{"city":"Paris"}"""), Step.Usage(10, 2), Step.Finish(ChatFinishReason.ToolCalls));
        app.First.Then(Step.Text("21 degrees."), Step.Usage(30, 4), Step.Finish());

        var events = await app.WriteAsync(Ask(AIFunctionFactory.Create((string city) => $"{city}: 21", "weather")));

        Assert.Equal(
            [
                new AnswerDelta("Let me see."), new AnswerToolCall("c1", "weather", """{"city":"Paris"}"""), new AnswerToolResult("c1", "weather", "\"Paris: 21\"", IsError: false),
                new AnswerDelta("\n\n21 degrees."), new AnswerFinished("first", 40, 6, Estimated: false, "stop"),
            ],
            [.. events.Select(e => e is AnswerToolResult r && !r.Result.StartsWith('"') ? r with { Result = $"\"{r.Result}\"" } : e)]);
        var second = app.First.Calls[1];
        Assert.Equal(ChatRole.Tool, second.Messages[^1].Role);
        Assert.Contains("Paris: 21", Assert.IsType<FunctionResultContent>(second.Messages[^1].Contents[0]).Result!.ToString(), StringComparison.Ordinal);
        Assert.Equal("c1", Assert.IsType<FunctionCallContent>(second.Messages[^2].Contents[^1]).CallId);
    }

    [Fact]
    public async Task Unknown_tools_bad_arguments_and_failing_tools_give_the_model_an_error_to_read()
    {
        var app = new Answering();
        app.First.Then(
            Step.Call("c1", "nothing", "{}"), Step.Call("c2", "fails", "{not json"), Step.Call("c3", "fails", "{}"), Step.Finish(ChatFinishReason.ToolCalls));
        app.First.ThenSay("I cannot.");

        var events = await app.WriteAsync(Ask(AIFunctionFactory.Create(string () => throw new InvalidOperationException("password=hunter2"), "fails")));

        var results = events.OfType<AnswerToolResult>().ToList();
        Assert.All(results, r => Assert.True(r.IsError));
        Assert.Equal(["error: There is no such tool.", "error: The arguments are not a JSON object.", "error: The tool failed."], results.Select(r => r.Result));
        Assert.Equal("I cannot.", events.Text());
    }

    [Fact]
    public async Task A_long_result_is_cut_off()
    {
        var app = new Answering();
        app.First.Then(Step.Call("c1", "log", "{}"), Step.Finish(ChatFinishReason.ToolCalls)).ThenSay("Long.");

        var events = await app.WriteAsync(Ask(AIFunctionFactory.Create(() => new string('x', 50_000), "log")));

        Assert.InRange(Assert.Single(events.OfType<AnswerToolResult>()).Result.Length, 16_000, 16_100);
    }

    [Fact]
    public async Task A_tool_that_hangs_is_given_up()
    {
        var app = new Answering();
        var hangs = new TaskCompletionSource<string>();
        app.First.Then(Step.Call("c1", "hangs", "{}"), Step.Finish(ChatFinishReason.ToolCalls)).ThenSay("It hangs.");
        await using var events = app.Writer.WriteAsync(Ask(AIFunctionFactory.Create(() => hangs.Task, "hangs")), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync();
        app.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.True(await next);
        Assert.Equal(new AnswerToolResult("c1", "hangs", "error: The tool took too long.", IsError: true), events.Current);
    }

    [Fact]
    public async Task A_model_in_a_loop_is_made_to_answer()
    {
        var app = new Answering();
        for (var i = 0; i < 8; i++)
        {
            app.First.Then(Step.Call($"c{i}", "again", "{}"), Step.Finish(ChatFinishReason.ToolCalls));
        }

        app.First.ThenSay("Enough.");

        var events = await app.WriteAsync(Ask(AIFunctionFactory.Create(() => "more", "again")));

        Assert.Equal(8, events.OfType<AnswerToolCall>().Count());
        Assert.Equal("Enough.", events.Text());
        Assert.IsType<NoneChatToolMode>(app.First.Calls[^1].Options.ToolMode);
    }

    [Fact]
    public async Task The_next_model_goes_on_after_the_tools_that_have_run_without_running_them_again()
    {
        var app = new Answering();
        var ran = 0;
        app.First.Then(Step.Call("c1", "pay", "{}"), Step.Finish(ChatFinishReason.ToolCalls)).Then(Step.Text("It is pa"), Step.Throw(new IOException("cut")));
        app.Second.ThenSay("id.");

        var events = await app.WriteAsync(Ask(AIFunctionFactory.Create(() => ++ran, "pay")));

        Assert.Equal("It is paid.", events.Text());
        Assert.Equal(1, ran);
        Assert.Contains(app.Second.Calls[0].Messages, m => m.Role == ChatRole.Tool);
    }
}
