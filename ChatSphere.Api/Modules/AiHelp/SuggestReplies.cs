using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.AiHelp;

internal static class SuggestReplies
{
    private const int MaxLength = 200;

    public static async Task<Results<Ok<SuggestedRepliesResponse>, ProblemHttpResult>> HandleAsync(SuggestRepliesRequest request, CurrentUser user, HelpFromModels help, CancellationToken cancellationToken)
    {
        var task = $"Suggest {request.Count} short repl{(request.Count == 1 ? "y" : "ies")} that the reader of the text could give, in its language, different from each other, each on a line of its own without numbers or quotes.";
        var (answer, refusal) = await help.AskAsync(user, request.Model, task, request.Text, 60 + (request.Count * 60), cancellationToken);
        if (answer is null)
        {
            return refusal!;
        }

        var replies = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(r => r.TrimStart('-', '*', '•', ' ', '1', '2', '3', '4', '5', '.', ')').Trim('"', '“', '”', ' ')).Where(r => r.Length is > 0 and <= MaxLength).Distinct(StringComparer.OrdinalIgnoreCase).Take(request.Count).ToList();
        return TypedResults.Ok(new SuggestedRepliesResponse(replies, answer.Model));
    }
}
