using System.Diagnostics;
using ChatSphere.AI.Chat;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.Chat;

/// <summary>The whole way as the product wires it, from configuration to bytes on a loopback socket.</summary>
public sealed class TalkingToOpenAiTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(TimeSpan.FromSeconds(4));
    /// <summary>Set when the reader has the first piece of an answer.</summary>
    private readonly TaskCompletionSource _received = new();
    private FakeOpenAi _server = null!;
    private ServiceProvider? _services;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeOpenAi.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    private T Get<T>(params (string Key, string Value)[] settings)
        where T : notnull
    {
        if (_services is null)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new());
            builder.Configuration.AddInMemoryCollection(
                [new("ConnectionStrings:openai", $"Endpoint={_server.Endpoint};Key=sk-test;Model=m"), .. settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))]);
            builder.Services.AddSingleton<TimeProvider>(_time);
            builder.Services.AddLogging();
            builder.AddAnswering();
            _services = builder.Services.BuildServiceProvider();
        }

        return _services.GetRequiredService<T>();
    }

    private async Task<List<AnswerEvent>> WriteAsync(AnswerRequest request, params (string Key, string Value)[] settings)
    {
        var events = new List<AnswerEvent>();
        await foreach (var happened in Get<AnswerWriter>(settings).WriteAsync(request, Token))
        {
            events.Add(happened);
            _received.TrySetResult();
        }

        return events;
    }

    [Fact]
    public async Task Pieces_usage_and_end_arrive_and_the_request_says_what_it_must()
    {
        _server.ThenSay("Hello", " there,", " friend");

        var events = await WriteAsync(Answering.Ask("Hi?") with { Temperature = 0.5, History = [new(PastRole.User, "a"), new(PastRole.Assistant, "b")] });

        Assert.Equal([new AnswerDelta("Hello"), new AnswerDelta(" there,"), new AnswerDelta(" friend"), new AnswerFinished("m", 12, 3, Estimated: false, "stop")], events);
        var (body, authorization) = Assert.Single(_server.Requests);
        Assert.Equal("Bearer sk-test", authorization);
        Assert.Equal("m", (string?)body["model"]);
        Assert.Equal(0.5, (double?)body["temperature"]);
        Assert.Equal(2_048, (int?)body["max_tokens"]);
        Assert.Null(body["tools"]);
        Assert.True((bool?)body["stream_options"]?["include_usage"]);
        Assert.Equal(["system", "user", "assistant", "user"], body["messages"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Equal("Hi?", (string?)body["messages"]![3]!["content"]);
    }

    [Fact]
    public async Task A_piece_is_there_before_the_next_one_is_sent()
    {
        var gate = new TaskCompletionSource();
        _server.Then(async context =>
        {
            await FakeOpenAi.StreamAsync(context, FakeOpenAi.Text("Now"));
            await gate.Task;
            await FakeOpenAi.ContinueAsync(context, FakeOpenAi.Text(" later"), FakeOpenAi.Finish("stop"), "[DONE]");
        });

        await using var events = Get<AnswerWriter>().WriteAsync(Answering.Ask("?"), Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new AnswerDelta("Now"), events.Current);
        gate.SetResult();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(new AnswerDelta(" later"), events.Current);
    }

    [Fact]
    public async Task Tool_calls_in_pieces_are_put_together_and_answered()
    {
        _server.ThenStream(
            FakeOpenAi.Tool(0, "t1", "weather", ""), FakeOpenAi.Tool(0, null, null, "{\"city\":"), FakeOpenAi.Tool(1, "t2", "weather", ""), FakeOpenAi.Tool(0, null, null, "\"Paris\"}"),
            FakeOpenAi.Tool(1, null, null, "{\"city\""), FakeOpenAi.Finish("tool_calls"), FakeOpenAi.Usage(5, 5), "[DONE]");
        _server.ThenSay("21 in Paris.");

        var events = await WriteAsync(Answering.Ask("?") with { Tools = [AIFunctionFactory.Create((string city) => $"{city}: 21", "weather")] });

        Assert.Equal(
            [new AnswerToolCall("t1", "weather", "{\"city\":\"Paris\"}"), new AnswerToolCall("t2", "weather", "{\"city\"")], events.OfType<AnswerToolCall>());
        Assert.Equal([false, true], events.OfType<AnswerToolResult>().Select(r => r.IsError));
        Assert.Equal(new AnswerFinished("m", 17, 8, Estimated: false, "stop"), events[^1]);
        var messages = _server.Requests.Last().Body["messages"]!.AsArray();
        Assert.Equal(["system", "user", "assistant", "tool", "tool"], messages.Select(m => (string?)m!["role"]));
        Assert.Equal("t1", (string?)messages[2]!["tool_calls"]![0]!["id"]);
        Assert.Contains("Paris: 21", (string?)messages[3]!["content"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_and_then_the_next_model()
    {
        _server.Then(FakeOpenAi.Status(503)).Then(FakeOpenAi.Status(503)).Then(FakeOpenAi.Status(503)).ThenSay("From the other.");

        var events = await WriteAsync(Answering.Ask("?"), ("AI:Fallback:0", "other"));

        Assert.Equal([new AnswerSwitched("m", "other", "provider_unavailable"), new AnswerDelta("From the other.")], events[..2]);
        Assert.Equal(["m", "m", "m", "other"], _server.Requests.Select(r => (string?)r.Body["model"]));
    }

    [Fact]
    public async Task Retry_after_is_waited_for_and_the_sdk_does_not_retry_beside_us()
    {
        _server.Then(FakeOpenAi.Status(429, "3")).ThenSay("There.");

        Assert.Equal(new AnswerDelta("There."), (await WriteAsync(Answering.Ask("?")))[0]);
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(_time.Waited));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task A_rejected_key_is_not_repeated_and_not_told_to_the_reader()
    {
        _server.Then(FakeOpenAi.Status(401));

        var failed = Assert.IsType<AnswerFailed>(Assert.Single(await WriteAsync(Answering.Ask("?"), ("AI:FallbackToExtractive", "false"))));

        Assert.Equal("provider_refused", failed.Code);
        Assert.DoesNotContain("sk-test", failed.Reason, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_cut_connection_is_continued_by_the_next_model()
    {
        _server.Then(FakeOpenAi.Cut(_received.Task, FakeOpenAi.Text("The answer is fo"))).ThenSay("The answer is forty-", "two.");

        var events = await WriteAsync(Answering.Ask("?"), ("AI:Fallback:0", "other"));

        Assert.Equal("The answer is forty-two.", events.Text());
        Assert.Contains(new AnswerSwitched("m", "other", "provider_broke_off"), events);
        Assert.Equal("The answer is fo", (string?)_server.Requests.Last().Body["messages"]!.AsArray()[^2]!["content"]);
    }

    [Fact]
    public async Task A_stream_that_ends_politely_without_a_finish_is_broken_off_too()
    {
        _server.ThenStream(FakeOpenAi.Text("The answer is fo")).ThenSay("rty-two.");

        var events = await WriteAsync(Answering.Ask("?"), ("AI:Fallback:0", "other"));

        Assert.Equal("The answer is forty-two.", events.Text());
    }

    [Theory]
    [InlineData("text/event-stream", "data: {\"choices\":[{\"delta\":\n\ndata: [DONE]\n\n")]
    [InlineData("text/event-stream", "data: <html>502</html>\n\n")]
    [InlineData("text/event-stream", "data: {\"error\":{\"message\":\"overloaded\"}}\n\n")]
    [InlineData("text/event-stream", "data: {\"choices\":7}\n\n")]
    [InlineData("text/event-stream", "data: [1,2]\n\n")]
    [InlineData("text/event-stream", "")]
    [InlineData("text/html", "<html>It works!</html>")]
    [InlineData("application/octet-stream", "\u0001\u0002\u0003")]
    public async Task Garbage_counts_as_unavailable(string type, string body)
    {
        for (var i = 0; i < 3; i++)
        {
            _server.Then(context =>
            {
                context.Response.ContentType = type;
                return context.Response.WriteAsync(body);
            });
        }

        var events = await WriteAsync(Answering.Ask("?"), ("AI:FallbackToExtractive", "false"));

        Assert.Equal("provider_unavailable", Assert.IsType<AnswerFailed>(Assert.Single(events)).Code);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task Nobody_listening_counts_as_unavailable()
    {
        Get<AnswerWriter>();
        await _server.DisposeAsync();

        var events = await WriteAsync(Answering.Ask("?"));

        Assert.Equal(new AnswerSwitched("m", "extractive", "provider_unavailable"), events[0]);
    }

    [Fact]
    public async Task A_silent_server_is_given_up_and_the_connection_closed()
    {
        var closed = new TaskCompletionSource();
        _server.Then(async context =>
        {
            context.RequestAborted.Register(closed.SetResult);
            await FakeOpenAi.StreamAsync(context, FakeOpenAi.Text("Half"));
            await closed.Task;
        });
        await using var events = Get<AnswerWriter>().WriteAsync(Answering.Ask("?"), Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());

        var next = events.MoveNextAsync();
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.True(await next);
        Assert.Equal(new AnswerSwitched("m", "extractive", "provider_broke_off"), events.Current);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task Cancelling_closes_the_connection()
    {
        var closed = new TaskCompletionSource();
        _server.Then(async context =>
        {
            context.RequestAborted.Register(closed.SetResult);
            await FakeOpenAi.StreamAsync(context, FakeOpenAi.Text("Half"));
            await closed.Task;
        });
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Get<AnswerWriter>().WriteAsync(Answering.Ask("?"), stop.Token))
            {
                await stop.CancelAsync();
            }
        });

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task The_models_of_the_server_are_listed_with_the_default_first()
    {
        var catalogue = Get<ModelCatalogue>();

        Assert.Equal("m", catalogue.DefaultModel);
        Assert.Equal([new("m", "openai", true), new("other", "openai", false), new ModelEntry("extractive", "extractive", false)], await catalogue.ListAsync(Token));
        Assert.True(await catalogue.KnowsAsync("other", Token));
        Assert.False(await catalogue.KnowsAsync("gpt-99", Token));
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(200, "<html>")]
    [InlineData(200, "{\"data\":{}}")]
    public async Task A_server_that_lists_nothing_sensible_still_serves_its_default(int status, string body)
    {
        _server.Models = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };

        Assert.Equal(["m", "extractive"], (await Get<ModelCatalogue>().ListAsync(Token)).Select(m => m.Id));
        Assert.True(await Get<ModelCatalogue>().KnowsAsync("gpt-99", Token));
    }

    [Fact]
    public async Task Neither_prompts_nor_answers_nor_keys_are_logged_or_traced()
    {
        var logs = new LogCollector();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == AiTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        listener.ActivityStopped = spans.Enqueue;
        ActivitySource.AddActivityListener(listener);
        _server.Then(FakeOpenAi.Cut(_received.Task, FakeOpenAi.Text("secret-answer"))).Then(FakeOpenAi.Status(400)).ThenSay("unused");
        var request = Answering.Ask("secret-question", "secret-passage") with { Model = $"m-{Guid.NewGuid():N}" };

        Get<ILoggerFactory>().AddProvider(logs);
        await WriteAsync(request);

        var span = Assert.Single(spans, s => s.DisplayName == $"chat {request.Model}");
        Assert.Equal("openai", span.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("m-0613", span.GetTagItem("gen_ai.response.model"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        var all = string.Join('\n', logs.Lines) + string.Join('\n', spans.SelectMany(s => s.TagObjects.Select(t => $"{t.Value}").Concat(s.Events.SelectMany(e => e.Tags.Select(t => $"{t.Value}")))));
        Assert.NotEmpty(logs.Lines);
        Assert.DoesNotContain("secret-", all, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-test", all, StringComparison.Ordinal);
    }

    private sealed class LogCollector : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
