using ChatSphere.Api.Http;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Plans;

internal static class PlanRules
{
    private const int MaxFeature = 120;
    private const int MaxModel = 200;

    /// <summary>What making and changing a plan refuse alike. Null values are not looked at.</summary>
    public static ProblemHttpResult? Refuse(string? name, string? description, IReadOnlyList<string>? features, PlanLimits? limits)
    {
        if (name is not null && TextRules.Problem(name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (description is not null && TextRules.HasUnstorable(description))
        {
            return Problems.Invalid("description", "It must not contain NUL characters or broken surrogates.");
        }

        // JSON puts null into lists also where the type says that it is not there.
        if (features?.Any(f => f is null || f.Length > MaxFeature || TextRules.Problem(f) is not null) == true)
        {
            return Problems.Invalid("features", $"Each must be something to see on one line, of at most {MaxFeature} characters.");
        }

        return limits?.Models?.Any(m => m is null || m.Length > MaxModel || TextRules.Problem(m) is not null) == true
            ? Problems.Invalid("limits.models", "These are not names of models.")
            : null;
    }

    public static void Set(this Plan plan, PlanLimits limits)
    {
        plan.Bots = limits.Bots;
        plan.Documents = limits.Documents;
        plan.StorageBytes = limits.StorageBytes;
        plan.MessagesPerDay = limits.MessagesPerDay;
        plan.Models = limits.Models?.Distinct().ToList();
        plan.Seats = limits.Seats;
        plan.ApiKeys = limits.ApiKeys;
        plan.OwnKeys = limits.OwnKeys;
    }

    public static void Set(this Plan plan, PlanPrice price)
    {
        plan.PriceAmount = price.Amount > 0 ? price.Amount : null;
        plan.PriceCurrency = price.Amount > 0 ? price.Currency : null;
    }
}
