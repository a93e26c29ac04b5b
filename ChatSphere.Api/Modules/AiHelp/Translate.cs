using System.Text.RegularExpressions;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Language;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.AiHelp;

internal static partial class Translate
{
    public static async Task<Results<Ok<WrittenTextResponse>, ProblemHttpResult>> HandleAsync(TranslateRequest request, CurrentUser user, HelpFromModels help, CancellationToken cancellationToken)
    {
        if (!LanguageTag().IsMatch(request.To))
        {
            return Problems.Invalid("to", "A language tag such as en, sv or pt-BR.");
        }

        var name = LanguageDetector.NameOf(request.To.Split('-')[0]);
        var task = $"Translate the text into {(name is null ? "" : name + ", ")}the language with the tag {request.To}. Keep its form: Markdown, line breaks, names, numbers.";
        var (answer, refusal) = await help.AskAsync(user, request.Model, task, request.Text, Math.Min(8_000, 100 + (TokenEstimate.Of(request.Text) * 3)), cancellationToken);
        return answer is null ? refusal! : TypedResults.Ok(new WrittenTextResponse(answer.Text, answer.Model));
    }

    [GeneratedRegex(@"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\z")]
    private static partial Regex LanguageTag();
}
