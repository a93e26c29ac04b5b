using ChatSphere.Benchmarks.Load;
using ChatSphere.Benchmarks.MockModels;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>
/// How much the Api adds to a model's own time to the first word, with so many turns under way at any moment: each person asks again as soon as the last answer is whole,
/// and they begin spread over the length of one answer, as people do. `--burst true` lets all ask at the same instant instead, which measures how long the machine needs
/// for that many starts. The same load straight at the mock server tells what the machine costs anyway.
/// </summary>
internal static class TurnsScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "models", "model", "concurrency", "rounds", "burst");
        var address = arguments.RequiredAddress("api");
        var model = arguments.Text("model") ?? "mock-ttft50-itl15-len100";
        var (concurrency, rounds) = (arguments.Number("concurrency", 50), arguments.Number("rounds", 10));
        var burst = arguments.Text("burst") is "true";
        var behaviour = MockBehaviour.TryParse(model, out var read, out _) ? read : new MockBehaviour();
        var own = TimeSpan.FromMilliseconds(behaviour.FirstTokenDelay);
        var length = burst ? TimeSpan.Zero : own + TimeSpan.FromMilliseconds(behaviour.TokenDelay * (behaviour.Length ?? 40));

        using var api = await Api.RegisterAsync(address, cancellationToken);
        var bot = await api.CreateBotAsync(model, cancellationToken);
        var conversations = await Crowd.MapAsync(concurrency, 8, async _ => (await api.CreateConversationAsync(bot.Id, cancellationToken)).Id);

        var (first, total) = (new Latencies(), new Latencies());
        var failures = new List<string>();
        await LoadAsync(concurrency, rounds, length, async (person, round) =>
        {
            var outcome = await api.TurnAsync(conversations[person], $"Question {round} of {person}", cancellationToken);
            lock (failures)
            {
                if (outcome is not { Failure: null, FirstDelta: { } delta })
                {
                    failures.Add(outcome.Failure ?? "no delta");
                }
                else if (round > 0)
                {
                    first.Add(delta - own);
                    total.Add(outcome.Total);
                }
            }
        }, cancellationToken);

        List<string[]> rows = [first.Row("Api: first delta beyond the model's own delay"), total.Row("Api: whole answer")];
        if (arguments.Address("models") is { } models)
        {
            using var direct = new DirectModel(models, model);
            var (yardstick, whole) = (new Latencies(), new Latencies());
            await LoadAsync(concurrency, rounds, length, async (person, round) =>
            {
                var (time, took, _) = await direct.AskAsync($"Question {round} of {person}", cancellationToken);
                lock (yardstick)
                {
                    if (round > 0)
                    {
                        yardstick.Add(time - own);
                        whole.Add(took);
                    }
                }
            }, cancellationToken);
            rows.Add(yardstick.Row("mock server itself: first chunk beyond its delay"));
            rows.Add(whole.Row("mock server itself: whole answer"));
            rows.Add([
                "what the Api adds: first word, ms",
                .. new[] { 50d, 95, 99, 100 }.Select(p => (first.Percentile(p) - yardstick.Percentile(p)).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)), "",
            ]);
            rows.Add([
                "Api ÷ mock server: whole answer",
                .. new[] { 50d, 95, 99, 100 }.Select(p => (total.Percentile(p) / whole.Percentile(p)).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)), "",
            ]);
        }

        await MarkdownTable.PrintAsync($"{concurrency} {(burst ? "turns at the same instant" : "concurrent turns")}, {model}", Latencies.Header("what"), rows);
        return Crowd.Report(failures, api.Refusals);
    }

    /// <summary>Round 0 of each person warms up: compilation, pools, connections. With a length of zero, everybody waits for everybody before each round.</summary>
    private static async Task LoadAsync(int people, int rounds, TimeSpan length, Func<int, int, Task> askAsync, CancellationToken cancellationToken)
    {
        if (length == TimeSpan.Zero)
        {
            for (var round = 0; round <= rounds; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, people).Select(person => askAsync(person, round)));
            }

            return;
        }

        await Task.WhenAll(Enumerable.Range(0, people).Select(async person =>
        {
            await Task.Delay(length * person / people, cancellationToken);
            for (var round = 0; round <= rounds; round++)
            {
                await askAsync(person, round);
            }
        }));
    }
}
