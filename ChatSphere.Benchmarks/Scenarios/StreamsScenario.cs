using System.Diagnostics;
using ChatSphere.Benchmarks.Load;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>Many answers streaming at once from one Api: all must be whole, and what it costs is read from <c>/proc</c>.</summary>
internal static class StreamsScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "models", "model", "count", "pid", "users", "ramp", "idle");
        var count = arguments.Number("count", 1000);
        if (arguments.OptionalNumber("idle") is { } idle)
        {
            return await IdleAsync(arguments, idle, cancellationToken);
        }

        var model = arguments.Text("model") ?? "mock-ttft200-itl50-len400";
        await using var usage = arguments.OptionalNumber("pid") is { } pid ? new ProcessUsage(pid) : null;
        return arguments.Address("models") is { } models
            ? await DirectAsync(models, model, count, usage, cancellationToken)
            : await ThroughApiAsync(arguments, model, count, usage, cancellationToken);
    }

    private static async Task<int> ThroughApiAsync(Arguments arguments, string model, int count, ProcessUsage? usage, CancellationToken cancellationToken)
    {
        var address = arguments.RequiredAddress("api");
        var users = await Crowd.MapAsync(arguments.Number("users", 10), 4, _ => Api.RegisterAsync(address, cancellationToken));
        var bots = await Crowd.MapAsync(users.Length, 4, i => users[i].CreateBotAsync(model, cancellationToken));
        var conversations = await Crowd.MapAsync(count, 16, async i => (await users[i % users.Length].CreateConversationAsync(bots[i % users.Length].Id, cancellationToken)).Id);

        var (open, mostOpen) = (0, 0);
        var gate = new Lock();
        var ramp = TimeSpan.FromSeconds(arguments.Number("ramp", 5));
        var startedAt = Stopwatch.GetTimestamp();
        var outcomes = await Crowd.MapAsync(count, count, async i =>
        {
            await Task.Delay(ramp * i / count, cancellationToken);
            lock (gate)
            {
                mostOpen = Math.Max(mostOpen, ++open);
            }

            var outcome = await users[i % users.Length].TurnAsync(conversations[i], $"Question of {i}", cancellationToken);
            lock (gate)
            {
                open--;
            }

            return outcome;
        });
        var took = Stopwatch.GetElapsedTime(startedAt);

        var first = new Latencies();
        foreach (var outcome in outcomes)
        {
            if (outcome.FirstDelta is { } delta)
            {
                first.Add(delta);
            }
        }

        string[] failures = [.. outcomes.Select(outcome => outcome.Failure).OfType<string>()];
        await PrintAsync(model, count, count - failures.Length, mostOpen, took, outcomes.Sum(o => (long)o.Deltas) / took.TotalSeconds, usage);
        await MarkdownTable.PrintAsync("First delta, the model's delay included", Latencies.Header("what"), first.Row("first delta"));
        return Crowd.Report(failures, users.Sum(user => user.Refusals));
    }

    /// <summary>
    /// What one open stream takes: the Api's resident set with so many answers that nobody has begun to write, less that without them, after some rounds of the same so that
    /// what is made once is made. Their model says its first word after <c>ttft</c>, and until then the sets must have come to rest.
    /// </summary>
    private static async Task<int> IdleAsync(Arguments arguments, int count, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(15);
        var model = arguments.Text("model") ?? "mock-ttft25000-itl1-len3";
        await using var usage = new ProcessUsage(arguments.OptionalNumber("pid") ?? throw new ArgumentException("--pid is missing: whose memory?"));
        var address = arguments.RequiredAddress("api");
        var users = await Crowd.MapAsync(arguments.Number("users", 10), 4, _ => Api.RegisterAsync(address, cancellationToken));
        var quick = await Crowd.MapAsync(users.Length, 4, i => users[i].CreateBotAsync("mock-ttft5-itl1-len20", cancellationToken));
        var slow = await Crowd.MapAsync(users.Length, 4, i => users[i].CreateBotAsync(model, cancellationToken));
        var warm = await Crowd.MapAsync(users.Length, 4, async i => (await users[i].CreateConversationAsync(quick[i].Id, cancellationToken)).Id);
        var conversations = await Crowd.MapAsync(count, 16, async i => (await users[i % users.Length].CreateConversationAsync(slow[i % users.Length].Id, cancellationToken)).Id);
        for (var round = 0; round < 10; round++)
        {
            await Crowd.MapAsync(users.Length, users.Length, i => users[i].TurnAsync(warm[i], $"Question {round}", cancellationToken));
        }

        var without = await usage.SettledBytesAsync(patience, cancellationToken);
        var ramp = TimeSpan.FromSeconds(arguments.Number("ramp", 5));
        var answering = Crowd.MapAsync(count, count, async i =>
        {
            await Task.Delay(ramp * i / count, cancellationToken);
            return await users[i % users.Length].TurnAsync(conversations[i], $"Question of {i}", cancellationToken);
        });
        await Task.Delay(ramp + TimeSpan.FromSeconds(1), cancellationToken);
        var with = await usage.SettledBytesAsync(patience, cancellationToken);
        var early = answering.IsCompleted;
        var outcomes = await answering;
        string[] failures = [.. outcomes.Select(outcome => outcome.Failure).OfType<string>(), .. early ? ["they had ended before they were measured: give a model with a later first word"] : Array.Empty<string>()];
        await MarkdownTable.PrintAsync(
            $"{count} idle streams, {model}",
            ["whole", "RSS without MB", "RSS with MB", "kB a stream"],
            [$"{outcomes.Count(o => o.Failure is null)} of {count}", ProcessUsage.Megabytes(without), ProcessUsage.Megabytes(with), $"{(with - without) / 1024d / count:0}"]);
        return Crowd.Report(failures, users.Sum(user => user.Refusals));
    }

    /// <summary>The mock server alone, to know that it is not what limits the Api's figure.</summary>
    private static async Task<int> DirectAsync(Uri models, string model, int count, ProcessUsage? usage, CancellationToken cancellationToken)
    {
        using var direct = new DirectModel(models, model);
        var startedAt = Stopwatch.GetTimestamp();
        var outcomes = await Crowd.MapAsync(count, count, i => direct.AskAsync($"Question of {i}", cancellationToken));
        var took = Stopwatch.GetElapsedTime(startedAt);
        await PrintAsync(model, count, outcomes.Count(o => o.Whole), count, took, double.NaN, usage);
        var first = new Latencies();
        Array.ForEach(outcomes, outcome => first.Add(outcome.First));
        await MarkdownTable.PrintAsync("First chunk, the model's delay included", Latencies.Header("what"), first.Row("first chunk"));
        return outcomes.All(o => o.Whole) ? 0 : 1;
    }

    private static Task PrintAsync(string model, int count, int whole, int mostOpen, TimeSpan took, double perSecond, ProcessUsage? usage) => MarkdownTable.PrintAsync(
        $"{count} streams, {model}",
        ["whole", "open at once", "seconds", "deltas/s", "peak RSS MB", "cores"],
        [$"{whole} of {count}", $"{mostOpen}", $"{took.TotalSeconds:0.0}", $"{perSecond:0}", usage is null ? "–" : ProcessUsage.Megabytes(usage.PeakBytes), usage is null ? "–" : $"{usage.Cores:0.00}"]);
}
