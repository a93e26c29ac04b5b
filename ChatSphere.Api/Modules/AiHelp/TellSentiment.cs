using System.Globalization;
using System.Text.RegularExpressions;
using ChatSphere.AI.Language;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.AiHelp;

internal static partial class TellSentiment
{
    private const string Task = "Tell the mood of the text. Answer with one of the words positive, neutral, negative, mixed, then a blank and a number from -1 (very negative) to 1 (very positive).";

    public static async Task<Results<Ok<SentimentResponse>, ProblemHttpResult>> HandleAsync(SentimentRequest request, CurrentUser user, HelpFromModels help, CancellationToken cancellationToken)
    {
        if (help.CanAsk(request.Model))
        {
            var (answer, refusal) = await help.AskAsync(user, request.Model, Task, request.Text, 20, cancellationToken);
            if (answer is not null && Answer().Match(answer.Text) is { Success: true } match)
            {
                return TypedResults.Ok(new SentimentResponse(
                    match.Groups[1].Value.ToLowerInvariant(), Math.Clamp(double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), -1, 1), "model", answer.Model));
            }

            if (refusal is not null && !HelpFromModels.IsForWantOfOne(refusal))
            {
                return refusal;
            }
        }

        var (sentiment, score) = SentimentLexicon.Of(request.Text);
        return TypedResults.Ok(new SentimentResponse(sentiment, score, "lexicon", null));
    }

    [GeneratedRegex(@"\b(positive|neutral|negative|mixed)\b[^0-9+-]{0,20}([+-]?(?:[01](?:\.[0-9]{1,6})?|\.[0-9]{1,6}))", RegexOptions.IgnoreCase)]
    private static partial Regex Answer();
}
