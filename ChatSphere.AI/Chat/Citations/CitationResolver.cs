using ChatSphere.AI.Knowledge;

namespace ChatSphere.AI.Chat.Citations;

/// <summary>A marker's number and the place in the document that it stands for.</summary>
/// <param name="Start">In the document's extracted text, as <see cref="RetrievedPassage.Start"/>.</param>
/// <param name="Quote">To the letter the document's text from <paramref name="Start"/> to <paramref name="End"/>.</param>
public sealed record ResolvedCitation(int Number, RetrievedPassage Passage, int Start, int End, string Quote);

/// <param name="Text">The answer without markers that lead nowhere.</param>
public sealed record CheckedAnswer(string Text, IReadOnlyList<ResolvedCitation> Citations);

/// <summary>
/// Finds for each number of an answer the place in its source that supports it best. The model only says which source; where in it, and that the words are really
/// there, is worked out here from the passages themselves, so an invented quotation cannot get through.
/// </summary>
public static class CitationResolver
{
    /// <summary>Below this share of the sentence's terms (weighted) nothing in the passage stands out, and the whole passage is the quote.</summary>
    private const double StandsOut = 0.25;

    /// <summary>What a neighbouring sentence must add to the share to become part of the quote.</summary>
    private const double WorthAdding = 0.2;

    public static CheckedAnswer Check(string answerText, IReadOnlyList<RetrievedPassage> passages)
    {
        var text = CitationMarkers.RemoveUnknown(answerText, Enumerable.Range(1, passages.Count));
        return new(text, Resolve(text, passages));
    }

    /// <summary>One citation for each distinct number that names a passage (the first is 1), in order of number.</summary>
    public static IReadOnlyList<ResolvedCitation> Resolve(string answerText, IReadOnlyList<RetrievedPassage> passages)
    {
        ArgumentNullException.ThrowIfNull(passages);
        var claims = new SortedDictionary<int, List<string>>();
        foreach (var (marker, claim) in Claims(answerText))
        {
            foreach (var number in marker.Numbers.Where(n => n <= passages.Count))
            {
                if (!claims.TryGetValue(number, out var known))
                {
                    claims.Add(number, known = []);
                }

                known.AddRange(claim);
            }
        }

        return [.. claims.Select(c => Locate(c.Key, passages[c.Key - 1], c.Value))];
    }

    private static ResolvedCitation Locate(int number, RetrievedPassage passage, List<string> claims)
    {
        var span = BestSpan(passage.Text, claims);
        return new(number, passage, passage.Start + span.Start, passage.Start + span.End, passage.Text[span.Start..span.End]);
    }

    private static Span BestSpan(string text, List<string> claims)
    {
        // Quoted word for word, as extractive answers are: no need to guess. Longest first, because a short claim may occur elsewhere too.
        foreach (var claim in claims.Where(c => c.Length >= 12).OrderByDescending(c => c.Length))
        {
            var at = text.IndexOf(claim, StringComparison.Ordinal);
            if (at >= 0)
            {
                return new(at, at + claim.Length);
            }
        }

        var whole = Sentences.Trim(text, 0, text.Length);
        var spans = Sentences.Of(text);
        if (spans.Count < 2)
        {
            return whole;
        }

        var terms = spans.ConvertAll(s => Words.Of(text.AsSpan(s.Start, s.Length)).ToHashSet(StringComparer.Ordinal));
        var best = whole;
        var bestScore = 0.0;
        foreach (var claim in claims)
        {
            // A term that every sentence of the passage holds does not tell them apart.
            var weights = Words.Of(claim).Distinct().Where(t => !Words.IsStopWord(t))
                .ToDictionary(t => t, t => Words.Weight(t) * Math.Log(1 + ((spans.Count + 1.0) / (terms.Count(s => s.Contains(t)) + 0.5))));
            var total = weights.Values.Sum();
            if (total == 0)
            {
                continue;
            }

            for (var i = 0; i < spans.Count; i++)
            {
                var share = Share(terms[i]);
                if (share < StandsOut)
                {
                    continue;
                }

                var (from, to) = (i, i);
                var covered = new HashSet<string>(terms[i]);
                for (var grown = true; grown && to - from < 2;)
                {
                    var before = from > 0 ? Gain(from - 1) : 0;
                    var after = to + 1 < spans.Count ? Gain(to + 1) : 0;
                    grown = Math.Max(before, after) >= WorthAdding;
                    if (grown)
                    {
                        covered.UnionWith(terms[before > after ? --from : ++to]);
                        share = Share(covered);
                    }

                    double Gain(int at) => Share([.. covered, .. terms[at]]) - share;
                }

                // Of two spans that hold the same terms the shorter one is the better quote.
                var score = share - (0.0001 * (spans[to].End - spans[from].Start));
                if (score > bestScore)
                {
                    (best, bestScore) = (new(spans[from].Start, spans[to].End), score);
                }
            }

            double Share(HashSet<string> held) => weights.Sum(w => held.Contains(w.Key) ? w.Value : 0) / total;
        }

        return best;
    }

    /// <summary>For each marker what it may be meant to support: all text since the marker or paragraph before it, and the sentence that it ends.</summary>
    private static IEnumerable<(CitationMarker Marker, string[] Claims)> Claims(string text)
    {
        var markers = CitationMarkers.Find(text);
        var claimStart = 0;
        for (var i = 0; i < markers.Count; i++)
        {
            // [1][2]: the second supports what the first does.
            var first = i;
            while (i + 1 < markers.Count && text.AsSpan(markers[i].End, markers[i + 1].Start - markers[i].End).IsWhiteSpace())
            {
                i++;
            }

            var end = markers[first].Start;
            var paragraph = text.LastIndexOf("\n\n", end, StringComparison.Ordinal) is var p && p >= claimStart && !text.AsSpan(p, end - p).IsWhiteSpace() ? p : claimStart;
            var run = Unescape(text[paragraph..end].Trim().TrimStart('>', '-', '*', ' ', '.', ',', ';'));
            var tail = Sentences.Of(run) is { Count: > 0 } sentences ? run[sentences[^1].Start..sentences[^1].End] : run;

            // "[1] Water boils at 100 °C.": a marker at the start stands for what follows.
            if (run.Length == 0)
            {
                var after = text[markers[i].End..(i + 1 < markers.Count ? markers[i + 1].Start : text.Length)];
                run = tail = Sentences.Of(after) is { Count: > 0 } following ? after[following[0].Start..following[0].End] : "";
            }

            for (var m = first; m <= i; m++)
            {
                yield return (markers[m], run.Length == tail.Length ? [run] : [run, tail]);
            }

            claimStart = markers[i].End;
        }

        static string Unescape(string claim) => claim.Replace("\\[", "[", StringComparison.Ordinal);
    }
}
