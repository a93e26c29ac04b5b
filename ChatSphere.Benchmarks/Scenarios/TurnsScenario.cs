using ChatSphere.Benchmarks.Load;
using ChatSphere.Benchmarks.MockModels;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>
/// How much the Api adds to a model's own time to the first word: concurrent turns, each in a conversation of its own; the same load straight at the
/// mock server tells what the machine costs anyway.
/// </summary>
internal static class TurnsScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "models", "model", "concurrency", "rounds");
        var address = arguments.RequiredAddress("api");
        var model = arguments.Text("model") ?? "mock-ttft50-itl15-len100";
        var (concurrency, rounds) = (arguments.Number("concurrency", 50), arguments.Number("rounds", 4));
        var own = TimeSpan.FromMilliseconds(MockBehaviour.TryParse(model, out var behaviour, out _) ? behaviour.FirstTokenDelay : 0);

        using var api = await Api.RegisterAsync(address, cancellationToken);
        var bot = await api.CreateBotAsync(model, cancellationToken);
        var conversations = await Crowd.MapAsync(concurrency, 8, async _ => (await api.CreateConversationAsync(bot.Id, cancellationToken)).Id);

        var (first, total) = (new Latencies(), new Latencies());
        var failures = new List<string>();
        for (var round = 0; round <= rounds; round++)
        {
            var outcomes = await Crowd.MapAsync(concurrency, concurrency, i => api.TurnAsync(conversations[i], $"Question {round} of {i}", cancellationToken));

            // The first round warms up: compilation, pools, connections.
            foreach (var outcome in round == 0 ? [] : outcomes)
            {
                if (outcome is { Failure: null, FirstDelta: { } delta })
                {
                    first.Add(delta - own);
                    total.Add(outcome.Total);
                }
                else
                {
                    failures.Add(outcome.Failure ?? "no delta");
                }
            }
        }

        List<string[]> rows = [first.Row("Api: first delta beyond the model's own delay"), total.Row("Api: whole answer")];
        if (arguments.Address("models") is { } models)
        {
            using var direct = new DirectModel(models, model);
            var yardstick = new Latencies();
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var (time, _) in await Crowd.MapAsync(concurrency, concurrency, i => direct.AskAsync($"Question {round} of {i}", cancellationToken)))
                {
                    if (round > 0)
                    {
                        yardstick.Add(time - own);
                    }
                }
            }

            rows.Add(yardstick.Row("mock server itself: first chunk beyond its delay"));
        }

        await MarkdownTable.PrintAsync($"{concurrency} concurrent turns, {model}", Latencies.Header("what"), rows);
        return Crowd.Report(failures, api.Refusals);
    }
}
