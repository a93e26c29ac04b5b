using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.AiHelp;

internal static class Classify
{
    private static readonly string[] Moderation = ["harassment", "hate", "sexual", "violence", "self_harm", "illegal", "spam", "none"];

    public static async Task<Results<Ok<ClassificationResponse>, ProblemHttpResult>> HandleAsync(ClassifyRequest request, CurrentUser user, HelpFromModels help, CancellationToken cancellationToken)
    {
        var labels = request.Labels?.Select(l => l?.Trim() ?? "").Distinct(StringComparer.OrdinalIgnoreCase).ToList() ?? [.. Moderation];
        if (labels.Count < 2 || labels.Exists(l => l.Length > 60 || TextRules.Problem(l) is not null))
        {
            return Problems.Invalid("labels", "At least two different ones, each of 1 to 60 characters on one line.");
        }

        var task = $"Which one of these labels fits the text best? Answer with the label, exactly as it stands: {string.Join(" | ", labels.Select(PromptText.Escape))}.";
        var (answer, refusal) = await help.AskAsync(user, request.Model, task, request.Text, 40, cancellationToken);
        if (answer is null)
        {
            return refusal!;
        }

        // Longest first: one label may be part of another.
        var label = labels.OrderByDescending(l => l.Length).FirstOrDefault(l => answer.Text.Trim('"', '.', ' ').Equals(l, StringComparison.OrdinalIgnoreCase))
            ?? labels.OrderByDescending(l => l.Length).FirstOrDefault(l => answer.Text.Contains(l, StringComparison.OrdinalIgnoreCase));
        return TypedResults.Ok(new ClassificationResponse(label, answer.Model));
    }
}
