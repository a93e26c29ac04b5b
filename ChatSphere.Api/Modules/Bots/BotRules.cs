using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class BotRules
{
    /// <summary>What making and changing a bot refuse alike; null when all is well. Null values are not looked at.</summary>
    public static async Task<ProblemHttpResult?> RefuseAsync(
        string? name, string? instructions, string? model, IReadOnlyList<string>? fallback, ModelCatalogue models, CurrentUser user, IUsageGate gate, CancellationToken cancellationToken)
    {
        if (name is not null && TextRules.Problem(name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (instructions is not null && TextRules.HasUnstorable(instructions))
        {
            return Problems.Invalid("instructions", "It must not contain NUL characters or broken surrogates.");
        }

        if (!string.IsNullOrEmpty(model) && !await models.KnowsAsync(model, user.AccountId, cancellationToken))
        {
            return Problems.Invalid("model", "No such model. GET /v1/models lists those that there are.", ErrorCodes.ModelUnknown);
        }

        foreach (var next in fallback ?? [])
        {
            if (string.IsNullOrWhiteSpace(next) || next.Length > 200 || !await models.KnowsAsync(next, user.AccountId, cancellationToken))
            {
                return Problems.Invalid("fallback", "No such model. GET /v1/models lists those that there are.", ErrorCodes.ModelUnknown);
            }

            if (await gate.RefuseModelAsync(user.AccountId, next, cancellationToken) is { } beyondPlan)
            {
                return beyondPlan.ToProblem();
            }
        }

        return null;
    }
}
