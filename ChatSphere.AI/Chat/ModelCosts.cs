using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

/// <summary>What models cost.</summary>
public interface IModelPrices
{
    /// <summary>Of all prices: ISO 4217.</summary>
    string Currency { get; }

    /// <summary>Null: the model's price is not known.</summary>
    decimal? CostOf(string modelId, long inputTokens, long outputTokens);
}

/// <param name="Model">The first to be asked.</param>
/// <param name="Money">Null: no price is known of any model that may be asked.</param>
public sealed record CostEstimate(string Model, long InputTokens, long OutputTokens, decimal? Money);

/// <summary>What calls of models will cost at most, and did cost.</summary>
public sealed class ModelCosts(ModelCatalogue catalogue, IModelPrices prices, IOptions<AiOptions> options)
{
    public string Currency => prices.Currency;

    /// <summary>Beyond this a prompt does not grow, but for instructions and question.</summary>
    public int PromptTokensOf(string? model) => catalogue.PromptTokensOf(model);

    /// <summary>
    /// Before the call: the dearest of the models that may come to answer counts, as whoever falls back does not ask first. <c>extractive</c> alone costs nothing.
    /// </summary>
    /// <param name="inputTokens">By <see cref="TokenEstimate"/>.</param>
    /// <param name="outputTokens">As much as may be written; null: as the deployment allows.</param>
    public CostEstimate Estimate(string? model, IReadOnlyList<string>? fallback, long inputTokens, long? outputTokens = null)
    {
        var chain = catalogue.ChainFor(model, fallback).Where(id => id != ModelCatalogue.Extractive).ToList();
        if (chain.Count == 0)
        {
            return new(ModelCatalogue.Extractive, 0, 0, 0);
        }

        var output = Math.Clamp(outputTokens ?? options.Value.MaxOutputTokens, 0, 10_000_000);
        inputTokens = Math.Clamp(inputTokens, 0, 100_000_000);
        return new(chain[0], inputTokens, output, chain.Max(id => prices.CostOf(id, inputTokens, output)));
    }

    /// <summary>The same for one model and no other.</summary>
    public CostEstimate EstimateOf(string model, long inputTokens, long outputTokens) => new(model, inputTokens, outputTokens, prices.CostOf(model, inputTokens, outputTokens));

    /// <summary>The model that is asked first.</summary>
    public string FirstOf(string? model, IReadOnlyList<string>? fallback) => catalogue.ChainFor(model, fallback)[0];

    public decimal? CostOf(string modelId, long inputTokens, long outputTokens) => prices.CostOf(modelId, inputTokens, outputTokens);

    /// <summary>Whether a price is known; null: of the default model.</summary>
    public bool IsPriced(string? model) => prices.CostOf(model ?? catalogue.DefaultModel, 0, 0) is not null;
}
