using ChatSphere.AI.Language;

namespace ChatSphere.AI.Chat.Citations;

/// <summary>
/// Which sentences of an answer nothing supports: those that name no source, and those whose source has neither their numbers nor enough of their words. Questions, headings, code
/// and half-sentences that introduce a list state nothing. Where answer and source are in different languages words cannot be compared, and the named source is taken for support.
/// </summary>
public static class Support
{
    /// <summary>Of the sentence's telling words, weighted.</summary>
    private const double Enough = 0.2;

    /// <summary>Fewer telling words state nothing that could be looked up.</summary>
    private const int Telling = 3;

    /// <param name="text">As it is kept, with the markers that were found to be true.</param>
    /// <param name="passages">By the number of their marker, each with all that the model was given of it.</param>
    /// <returns>Start and end of each, in order.</returns>
    public static IReadOnlyList<(int Start, int End)> Unsupported(string text, IReadOnlyDictionary<int, string> passages)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(passages);
        var markers = CitationMarkers.Find(text);
        var sentences = Sentences.Of(text);
        var found = new List<(int, int)>();
        var inFence = false;
        for (var i = 0; i < sentences.Count; i++)
        {
            var (start, end) = (sentences[i].Start, sentences[i].End);
            var raw = text[start..end];
            var fences = Fences(raw);
            if (inFence || fences > 0)
            {
                inFence ^= fences % 2 == 1;
                continue;
            }

            // "So it is. [1] And that.": what a sentence begins with belongs to the one before it.
            var own = markers.Where(m => m.Start >= start && m.End <= end).ToList();
            var leading = own.TakeWhile((m, n) => text.AsSpan(n == 0 ? start : own[n - 1].End, m.Start - (n == 0 ? start : own[n - 1].End)).Trim(" \t-*+>").IsEmpty).ToList();
            var followsOn = i > 0 && !text.AsSpan(sentences[i - 1].End, start - sentences[i - 1].End).Contains('\n');
            if (leading.Count > 0 && followsOn)
            {
                start = leading[^1].End;
                own = own[leading.Count..];
            }

            if (i + 1 < sentences.Count && !text.AsSpan(end, sentences[i + 1].Start - end).Contains("\n\n", StringComparison.Ordinal))
            {
                var next = sentences[i + 1].Start;
                foreach (var marker in markers.Where(m => m.Start >= next))
                {
                    if (!text.AsSpan(next, marker.Start - next).IsWhiteSpace())
                    {
                        break;
                    }

                    own.Add(marker);
                    next = marker.End;
                }
            }

            var claimEnd = end;
            foreach (var trailing in own.Where(m => m.End <= end).Reverse())
            {
                if (text.AsSpan(trailing.End, claimEnd - trailing.End).Trim(" .!?…").IsEmpty)
                {
                    claimEnd = trailing.Start;
                }
            }

            while (start < claimEnd && (char.IsWhiteSpace(text[start]) || text[start] is '-' or '*' or '+' or '>' or '#' or '|' || IsNumbering(text, start)))
            {
                start++;
            }

            while (claimEnd > start && char.IsWhiteSpace(text[claimEnd - 1]))
            {
                claimEnd--;
            }

            var claim = CitationMarkers.RemoveUnknown(text[start..claimEnd], []);
            if (raw.StartsWith('#') || claim.EndsWith('?') || claim.EndsWith(':') || claim.EndsWith('？') || claim.EndsWith('：') || StatesNothing(claim))
            {
                continue;
            }

            var named = own.SelectMany(m => m.Numbers).Distinct().Select(n => passages.GetValueOrDefault(n)).OfType<string>().ToList();
            if (named.Count == 0 || !Holds(named, claim))
            {
                found.Add((start, claimEnd));
            }
        }

        return found;
    }

    private static bool StatesNothing(string claim)
    {
        var terms = Words.Of(claim).Where(t => !Words.IsStopWord(t)).Distinct().ToList();
        return terms.Count < Telling && !terms.Exists(t => char.IsDigit(t[0]));
    }

    private static bool Holds(List<string> passages, string claim)
    {
        var terms = Words.Of(claim).Where(t => !Words.IsStopWord(t)).Distinct().ToList();
        var held = passages.SelectMany(p => Words.Of(p)).ToHashSet(StringComparer.Ordinal);

        // A number that the source does not have was made up, or counted; either way somebody should look.
        if (terms.Where(t => char.IsDigit(t[0]) && t.Length > 1).Any(t => !held.Contains(t)))
        {
            return false;
        }

        var total = terms.Sum(Words.Weight);
        var share = total == 0 ? 1 : terms.Where(held.Contains).Sum(Words.Weight) / total;
        return share >= Enough || LanguageDetector.Detect(claim).Language is not { } ours || LanguageDetector.Detect(string.Join('\n', passages)).Language is not { } theirs || ours != theirs;
    }

    private static bool IsNumbering(string text, int at)
    {
        var i = at;
        while (i < text.Length && char.IsAsciiDigit(text[i]) && i - at < 4)
        {
            i++;
        }

        var lineStart = at == 0 || text.AsSpan(0, at).TrimEnd(" \t") is var before && (before.IsEmpty || before[^1] == '\n');
        return (lineStart && i > at && i + 1 < text.Length && text[i] is '.' or ')' && text[i + 1] == ' ') || (text[at] is '.' or ')' && at > 0 && char.IsAsciiDigit(text[at - 1]));
    }

    private static int Fences(string text)
    {
        var fences = 0;
        foreach (var line in text.Split('\n'))
        {
            var content = line.TrimStart(' ');
            fences += content.StartsWith("```", StringComparison.Ordinal) || content.StartsWith("~~~", StringComparison.Ordinal) ? 1 : 0;
        }

        return fences;
    }
}
