using ChatSphere.Data.Budgets;
using ChatSphere.Data.Conversations;

namespace ChatSphere.AI.Chat;

public static class Spending
{
    /// <summary>What counts of an answer, however it was asked for. Null: nothing was done for it.</summary>
    /// <param name="first">The model that was asked first; null where none has done anything.</param>
    /// <param name="seen">What came of the answer.</param>
    public static BudgetSpent? SpentOn(this ModelCosts costs, IReadOnlyList<RouteStep> route, AnswerFinished? finished, string? first, ReadOnlySpan<char> seen)
    {
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(route);

        // By model, where it is known which were asked: each has its price, and what went by a key of the asker's own cost the deployment nothing.
        var asked = route.Where(s => s.InputTokens + s.OutputTokens > 0 && s.Model != ModelCatalogue.Extractive).ToList();
        if (asked.Count > 0)
        {
            var ours = asked.Where(s => !s.OwnKey).ToList();
            var known = ours.Select(s => costs.CostOf(s.Model, s.InputTokens, s.OutputTokens)).OfType<decimal>().ToList();
            decimal? cost = known.Count > 0 || ours.Count == 0 ? known.Sum() : null;
            return new(
                finished?.Model ?? asked[^1].Model, asked[^1].Connection, ours.Sum(s => (long)s.InputTokens), ours.Sum(s => (long)s.OutputTokens), cost, cost is null ? null : costs.Currency,
                finished?.Estimated ?? true);
        }

        return finished is not null ? costs.Spent(finished.Model, finished.InputTokens, finished.OutputTokens, finished.Estimated)
            // No word of how much: what can be seen counts.
            : first is not null ? costs.Spent(first, null, TokenEstimate.Of(seen), estimated: true)
            : null;
    }

    /// <summary>What counts of an answer: what was done without a language model costs nothing.</summary>
    public static BudgetSpent Spent(this ModelCosts costs, string model, long? inputTokens, long outputTokens, bool estimated)
    {
        ArgumentNullException.ThrowIfNull(costs);
        if (model == ModelCatalogue.Extractive)
        {
            return new(model, null, 0, 0, 0, costs.Currency, estimated);
        }

        var cost = inputTokens is { } input ? costs.CostOf(model, input, outputTokens) : costs.CostOf(model, 0, outputTokens);
        return new(model, null, inputTokens, outputTokens, cost, cost is null ? null : costs.Currency, estimated);
    }
}
