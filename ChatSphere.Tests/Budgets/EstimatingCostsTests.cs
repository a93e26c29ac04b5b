using ChatSphere.AI.Chat;
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
