using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;
using ChatSphere.Tests.Chat;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Budgets;

public sealed class EstimatingCostsTests
{
    private static ModelCosts Costs(params string[] fallback)
    {
        var options = Options.Create(new AiOptions { DefaultModel = "cheap", Fallback = fallback, MaxOutputTokens = 1_000 });
        return new(new ModelCatalogue([], options, TimeProvider.System, NullLogger<ModelCatalogue>.Instance), new Prices(), options);
    }

    [Fact]
    public void The_dearest_that_may_come_to_answer_counts()
    {
        Assert.Equal(new CostEstimate("cheap", 2_000, 1_000, 3), Costs().Estimate(null, null, 2_000));
        Assert.Equal(new CostEstimate("cheap", 2_000, 1_000, 30), Costs("dear").Estimate(null, null, 2_000));
        Assert.Equal(new CostEstimate("cheap", 2_000, 1_000, 30), Costs().Estimate("cheap", ["dear", "unknown"], 2_000));
    }

    [Fact]
    public void Unknown_prices_count_in_tokens_only_and_extractive_in_nothing()
    {
        Assert.Equal(new CostEstimate("unknown", 2_000, 1_000, null), Costs().EstimateOf("unknown", 2_000, 1_000));

        // The default may come to answer in its place.
        Assert.Equal(new CostEstimate("unknown", 2_000, 1_000, 3), Costs().Estimate("unknown", null, 2_000));
        Assert.Equal(new CostEstimate(ModelCatalogue.Extractive, 0, 0, 0), Costs("dear").Estimate(ModelCatalogue.Extractive, null, 2_000));
        Assert.False(Costs().IsPriced("unknown"));
        Assert.True(Costs().IsPriced(null));
    }

    [Fact]
    public async Task Each_model_of_an_answer_counts_at_its_own_price_and_ones_own_keys_cost_nothing()
    {
        var (answering, route) = (new Answering(o => o.Fallback = ["dear"]), new RouteLog());
        answering.Provider["cheap"].Then(ScriptedChatClient.Step.Text("It begins "), ScriptedChatClient.Step.Usage(100, 20), ScriptedChatClient.Step.Throw(new HttpRequestException("reset")));
        answering.Provider["dear"].ThenSay("here.");
        var events = await answering.WriteAsync(Answering.Ask("When?") with { Model = "cheap", Route = route });
        var finished = Assert.IsType<AnswerFinished>(events[^1]);
        Assert.Equal(["cheap", "dear"], route.Steps.Select(s => s.Model));

        var spent = Costs().SpentOn(route.Steps, finished, "cheap", "It begins here.")!;
        var (cheap, dear) = (route.Steps[0], route.Steps[1]);
        Assert.Equal(((cheap.InputTokens + cheap.OutputTokens) / 1_000m) + ((dear.InputTokens + dear.OutputTokens) / 100m), spent.Cost);
        Assert.Equal((finished.InputTokens, finished.OutputTokens, "dear"), (spent.InputTokens, spent.OutputTokens, spent.Model));

        var own = Costs().SpentOn([cheap with { OwnKey = true }, dear], finished, "cheap", "")!;
        Assert.Equal(((dear.InputTokens + dear.OutputTokens) / 100m, dear.InputTokens), (own.Cost, own.InputTokens));
        Assert.Equal((0m, 0L, 0L), Costs().SpentOn([cheap with { OwnKey = true }], null, "cheap", "") is { } free ? (free.Cost, free.InputTokens, free.OutputTokens) : default);

        // Without a word of anybody: what is there to see counts, and nothing where nothing was done.
        Assert.True(Costs().SpentOn([], null, "cheap", "It begins here.") is { Estimated: true, InputTokens: null, OutputTokens: > 0 });
        Assert.Null(Costs().SpentOn([cheap with { InputTokens = 0, OutputTokens = 0 }], null, null, ""));
    }

    [Fact]
    public void A_route_that_is_too_long_to_be_kept_is_still_counted_whole()
    {
        var route = new RouteLog();
        for (var i = 0; i < 200; i++)
        {
            route.Add(new(i % 2 == 0 ? "cheap" : "dear", "a", AnswerCodes.ProviderUnavailable, 1, 10, 5, false));
        }

        Assert.True(route.Steps.Count < 100);
        Assert.Equal((2_000L, 1_000L, (1_500 / 1_000m) + (1_500 / 100m)), Costs().SpentOn(route.Steps, null, "cheap", "") is { } spent ? (spent.InputTokens, spent.OutputTokens, spent.Cost) : default);
    }

    [Theory]
    [InlineData(-5, -5, 0, 0)]
    [InlineData(long.MaxValue, long.MaxValue, 100_000_000, 10_000_000)]
    public void Hostile_numbers_are_cut(long input, long output, long inputTokens, long outputTokens)
    {
        var estimate = Costs().Estimate("cheap", null, input, output);
        Assert.Equal((inputTokens, outputTokens), (estimate.InputTokens, estimate.OutputTokens));
        Assert.True(estimate.Money >= 0);
    }

    private sealed class Prices : IModelPrices
    {
        public string Currency => "EUR";

        public decimal? CostOf(string modelId, long inputTokens, long outputTokens) => modelId switch
        {
            "cheap" => (inputTokens + outputTokens) / 1_000m,
            "dear" => (inputTokens + outputTokens) / 100m,
            _ => null,
        };
    }
}
