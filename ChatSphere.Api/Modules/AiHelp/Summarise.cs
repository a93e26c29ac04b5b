using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.AiHelp;

internal static class Summarise
{
    public static async Task<Results<Ok<WrittenTextResponse>, ProblemHttpResult>> HandleAsync(SummariseRequest request, CurrentUser user, HelpFromModels help, CancellationToken cancellationToken)
    {
        var task = $"Sum up the text in at most {request.Sentences} sentence{(request.Sentences == 1 ? "" : "s")}, in its own language.";
        var (answer, refusal) = await help.AskAsync(user, request.Model, task, request.Text, 60 + (request.Sentences * 60), cancellationToken);
        return answer is null ? refusal! : TypedResults.Ok(new WrittenTextResponse(answer.Text, answer.Model));
    }
}
