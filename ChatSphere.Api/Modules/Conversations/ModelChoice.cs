using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>The models that a person asks for in place of the bot's. What their plan allows, the usage gate says.</summary>
internal static class ModelChoice
{
    public static async Task<ProblemHttpResult?> RefuseAsync(IReadOnlyList<string>? models, ModelCatalogue catalogue, CancellationToken cancellationToken)
    {
        foreach (var model in models ?? [])
        {
            if (string.IsNullOrEmpty(model) || model.Length > 200 || TextRules.HasUnstorable(model) || !await catalogue.KnowsAsync(model, cancellationToken))
            {
                return Problems.Invalid("models", "No such model. GET /v1/models lists those that there are.", ErrorCodes.ModelUnknown);
            }
        }

        return null;
    }

    /// <summary>One answer each; one of the bot's own model where none is named.</summary>
    public static IReadOnlyList<string?> Wanted(IReadOnlyList<string>? models) => models is { Count: > 0 } ? [.. models] : [null];
}
