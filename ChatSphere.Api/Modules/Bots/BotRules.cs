using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class BotRules
{
    private static readonly string[] Resettable = ["model", "temperature", "fallback", "description", "greeting", "starters"];

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

    /// <summary>The same for what people see before they ask.</summary>
    public static ProblemHttpResult? RefuseTexts(string? description, string? greeting, IReadOnlyList<string>? starters, string? note = null)
    {
        foreach (var (field, text) in new[] { ("description", description), ("greeting", greeting), ("note", note) })
        {
            if (text is not null && TextRules.HasUnstorable(text))
            {
                return Problems.Invalid(field, "It must not contain NUL characters or broken surrogates.");
            }
        }

        // Null in a list passes the deserializer.
        return starters is null ? null
            : starters.Any(s => s is null || s.Trim().Length is 0 or > 200 || TextRules.Problem(s) is not null) ? Problems.Invalid("starters", "Each is 1 to 200 characters on one line.")
            : null;
    }

    public static ProblemHttpResult? RefuseReset(IReadOnlyList<string>? reset) =>
        reset?.Any(r => !Resettable.Contains(r)) == true ? Problems.Invalid("reset", $"Some of {string.Join(", ", Resettable)}.") : null;

    /// <summary>The settings with what is asked for: first what goes back to nothing, then what is given.</summary>
    public static BotSettings Changed(BotSettings settings, UpdateBotRequest request)
    {
        bool Resets(string name) => request.Reset?.Contains(name) == true;
        return settings with
        {
            Name = request.Name?.Trim() ?? settings.Name,
            Description = request.Description?.Trim() ?? (Resets("description") ? "" : settings.Description),
            Instructions = request.Instructions ?? settings.Instructions,
            Model = request.Model is { } model ? (model.Length == 0 ? null : model) : Resets("model") ? null : settings.Model,
            Fallback = request.Fallback is { } fallback ? [.. fallback] : Resets("fallback") ? [] : settings.Fallback,
            Temperature = request.Temperature ?? (Resets("temperature") ? null : settings.Temperature),
            Greeting = request.Greeting?.Trim() ?? (Resets("greeting") ? "" : settings.Greeting),
            Starters = request.Starters is { } starters ? [.. starters.Select(s => s.Trim())] : Resets("starters") ? [] : settings.Starters,
            Strict = request.Strict ?? settings.Strict,
            UsesMemory = request.UsesMemory ?? settings.UsesMemory,
        };
    }
}
