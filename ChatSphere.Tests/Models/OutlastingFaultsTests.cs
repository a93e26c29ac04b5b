using System.Collections.Concurrent;
using ChatSphere.AI.Chat;
using ChatSphere.Tests.Chat;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Models;

/// <summary>Two providers on real sockets, one of them in all the ways in which providers fail.</summary>
public sealed class OutlastingFaultsTests : IAsyncLifetime
{
    private FakeProvider _shaky = null!;
    private FakeProvider _healthy = null!;
    private ServiceProvider? _services;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shaky = await FakeProvider.StartAsync();
        _healthy = await FakeProvider.StartAsync();
        _healthy.Otherwise = _healthy.Serving("From the healthy one.", "steady");
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        await _shaky.DisposeAsync();
        await _healthy.DisposeAsync();
    }

    private AnswerWriter Writer(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
        [
            new("AI:Providers:shaky:Endpoint", _shaky.Address + "/v1"), new("AI:Providers:shaky:Model", "shaky"), new("AI:Providers:shaky:Priority", "0"),
            new("AI:Providers:healthy:Endpoint", _healthy.Address + "/v1"), new("AI:Providers:healthy:Models:0", "steady"), new("AI:Providers:healthy:Priority", "1"),
            new("AI:Fallback:0", "steady"), new("AI:FallbackToExtractive", "false"), .. settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)),
        ]);
        builder.Services.AddLogging();
        builder.AddAnswering();
        _services = builder.Services.BuildServiceProvider();
        return _services.GetRequiredService<AnswerWriter>();
    }

    private static async Task<(string Text, AnswerEvent Last, RouteLog Log)> AskAsync(AnswerWriter writer)
    {
        var log = new RouteLog();
        var text = "";
        AnswerEvent? last = null;
        await foreach (var happened in writer.WriteAsync(Answering.Ask("?") with { Route = log }, Token))
        {
            text += happened is AnswerDelta delta ? delta.Text : "";
            last = happened;
        }

        return (text, last!, log);
    }

    [Fact]
    public async Task Of_500_turns_every_one_completes_while_a_provider_fails_30_percent_of_its_calls()
    {
        var failed = new ConcurrentBag<int>();
        var calls = 0;
        _shaky.Otherwise = context =>
        {
            // Three of ten, each time in another way.
            var call = Interlocked.Increment(ref calls);
            if (call % 10 is not (2 or 5 or 8))
            {
                return FakeProvider.OpenAi("From the ", "shaky one.")(context);
            }

            failed.Add(call);
            return (call % 7) switch
            {
                0 => FakeProvider.Status(503)(context),
                1 => FakeProvider.Status(429, "0")(context),
                2 => CutAsync(context, Text("From the ")),
                3 => FakeProvider.Events("data: <html>no</html>")(context),
                4 => FakeProvider.Events(Text("From the "))(context),
                5 => CutAsync(context),
                _ => FakeProvider.Status(500)(context),
            };
        };
        var writer = Writer();
        var answers = new ConcurrentBag<(string Text, AnswerEvent Last, RouteLog Log)>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 500), new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = Token }, async (_, _) => answers.Add(await AskAsync(writer)));

        Assert.Equal(500, answers.Count);
        Assert.All(answers, a => Assert.IsType<AnswerFinished>(a.Last));
        Assert.All(answers, a => Assert.NotEmpty(a.Text));
        Assert.All(answers, a => Assert.Equal(RouteOutcomes.Answered, a.Log.Steps[^1].Outcome));
        Assert.InRange(failed.Count / (double)calls, 0.2, 0.4);
    }

    [Theory]
    [InlineData("503", "provider_unavailable")]
    [InlineData("429", "provider_unavailable")]
    [InlineData("garbage", "provider_unavailable")]
    [InlineData("cut", "provider_broke_off")]
    [InlineData("slow", "provider_unavailable")]
    [InlineData("refused", "provider_refused")]
    public async Task Whatever_fails_the_next_answers_and_the_route_says_why(string how, string code)
    {
        _shaky.Otherwise = how switch
        {
            "503" => FakeProvider.Status(503),
            "429" => FakeProvider.Status(429, "3600"),
            "garbage" => FakeProvider.Events("data: {\"choices\":7}"),
            "cut" => FakeProvider.Events(Text("Half an ")),
            "slow" => context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default),
            _ => FakeProvider.Status(401),
        };

        var (text, last, log) = await AskAsync(Writer(("AI:FirstTokenTimeout", "00:00:01")));

        Assert.Equal("steady", Assert.IsType<AnswerFinished>(last).Model);
        Assert.EndsWith("From the healthy one.", text, StringComparison.Ordinal);
        Assert.Equal((code, "shaky"), (log.Steps[^2].Outcome, log.Steps[^2].Connection));
        Assert.Equal(("steady", "healthy", "answered"), (log.Steps[^1].Model, log.Steps[^1].Connection, log.Steps[^1].Outcome));
    }

    [Fact]
    public async Task The_next_that_was_asked_as_well_answers_when_the_first_is_slow()
    {
        _shaky.Otherwise = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

        var (text, last, log) = await AskAsync(Writer(("AI:HedgeAfter", "00:00:00.2")));

        Assert.Equal(("From the healthy one.", "steady"), (text, Assert.IsType<AnswerFinished>(last).Model));
        Assert.Equal(["outrun", "answered"], log.Steps.Select(s => s.Outcome));
    }

    private static string Text(string text) => "data: " + FakeOpenAi.Text(text);

    /// <summary>The connection dies after these events.</summary>
    private static async Task CutAsync(HttpContext context, params string[] events)
    {
        await FakeProvider.Events(events)(context);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
