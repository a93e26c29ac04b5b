using ChatSphere.AI.Language;
using ChatSphere.Contracts.Context;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.AiHelp;

internal static class DetectLanguage
{
    public static Ok<LanguageResponse> Handle(DetectLanguageRequest request)
    {
        var found = LanguageDetector.Detect(request.Text);
        return TypedResults.Ok(new LanguageResponse(found.Language, found.Name, found.Confidence, [.. found.Candidates.Select(c => new LanguageCandidate(c.Language, c.Score))]));
    }
}
