using ChatSphere.AI.Chat.Citations;
using ChatSphere.Data.Bots;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Whether an answer gives what its question is owed.</summary>
internal static class GoldenJudgement
{
    /// <summary>Codes with what they are about; empty: passed.</summary>
    public static List<string> Failures(GoldenQuestion question, string answer, IReadOnlyList<ExpectedSource> cited)
    {
        var said = Plain(answer);
        var failures = new List<string>();
        failures.AddRange(question.Sources.Where(s => !cited.Any(c => c.DocumentId == s.DocumentId && (s.Page is null || s.Page == c.Page)))
            .Select(s => s.Page is { } page ? FormattableString.Invariant($"missing_source: {s.DocumentId} {page}") : $"missing_source: {s.DocumentId}"));
        failures.AddRange(question.All.Where(p => !Holds(p)).Select(p => $"missing_phrase: {p}"));
        if (question.Any.Count > 0 && !question.Any.Exists(Holds))
        {
            failures.Add($"missing_any: {string.Join(" · ", question.Any)}");
        }

        failures.AddRange(question.Forbidden.Where(Holds).Select(p => $"forbidden_phrase: {p}"));
        return failures;

        bool Holds(string phrase) => said.Contains(Plain(phrase), StringComparison.Ordinal);
    }

    /// <summary>Without citation numbers, in one case, composed, with single spaces: what does not change the meaning does not count.</summary>
    public static string Plain(string text) =>
        string.Join(' ', CitationMarkers.RemoveUnknown(text, []).Normalize().ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
