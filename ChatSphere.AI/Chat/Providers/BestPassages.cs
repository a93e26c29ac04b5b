using ChatSphere.AI.Chat.Citations;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.AI.Chat.Providers;

/// <param name="Number">Of the source, from 1.</param>
/// <param name="Texts">Verbatim slices of the passage, in its order; what stands together there is one slice.</param>
internal sealed record PassageQuote(int Number, IReadOnlyList<string> Texts);

/// <summary>
/// Picks two to five sentences that fit a question. A sentence scores by the question's terms that it holds: rare ones among the passages count more (as in BM25), long sentences
/// less, the terms of its heading and title a little; earlier sentences and better ranked passages win ties.
/// </summary>
internal static class BestPassages
{
    private const int Most = 5;

    /// <summary>
    /// Share of the question that the best passage must hold before anything is called relevant. A word that no passage holds weighs most and one that all hold least: retrieval
    /// looked for all of them, so the missing one is likely what the question is about.
    /// </summary>
    private const double Relevant = 0.2;

    /// <summary>For long questions this much is enough: about four words that a third of the passages hold.</summary>
    private const double RelevantWeight = 5;

    /// <summary>A sentence is worth quoting beside the best one from this share of its score.</summary>
    private const double WorthQuoting = 0.5;

    public static IReadOnlyList<PassageQuote> For(string question, IReadOnlyList<RetrievedPassage> passages)
    {
        var asked = Words.Of(question).Distinct(StringComparer.Ordinal).ToList();
        var terms = asked.Where(t => !Words.IsStopWord(t)).ToHashSet(StringComparer.Ordinal);
        if (terms.Count == 0)
        {
            terms = [.. asked];
        }

        var candidates = Candidates(passages, terms);
        if (terms.Count == 0 || candidates.Count == 0 || !IsRelevant(candidates, terms))
        {
            return [];
        }

        Score(candidates, terms, passages);
        var best = candidates.Max(c => c.Score);
        if (best <= 0)
        {
            return [];
        }

        var picked = new List<Candidate>();
        foreach (var candidate in candidates.Where(c => c.Score >= best * WorthQuoting).OrderByDescending(c => c.Score).ThenBy(c => c.Passage).ThenBy(c => c.Index))
        {
            // Overlapping chunks and repeated headers bring the same sentence again.
            if (picked.Count < Most && !picked.Exists(p => p.Text == candidate.Text))
            {
                picked.Add(candidate);
            }
        }

        // One sentence alone often points at the next ("as follows", "It …").
        if (picked.Count == 1 && candidates.Find(c => c.Passage == picked[0].Passage && c.Index == picked[0].Index + 1) is { } next)
        {
            picked.Add(next);
        }

        return
        [
            .. picked.GroupBy(p => p.Passage).Select(g => (Number: g.Key + 1, Best: g.Max(c => c.Score), Texts: Slices(passages[g.Key].Text, g)))
                .OrderByDescending(g => g.Best).Select(g => new PassageQuote(g.Number, g.Texts)),
        ];
    }

    private static List<Candidate> Candidates(IReadOnlyList<RetrievedPassage> passages, HashSet<string> terms)
    {
        var candidates = new List<Candidate>();
        for (var p = 0; p < passages.Count; p++)
        {
            var passage = passages[p];
            var context = Words.Of($"{passage.DocumentName} {passage.Heading}").Where(terms.Contains).ToHashSet(StringComparer.Ordinal);
            var index = 0;
            foreach (var span in Sentences.Of(passage.Text))
            {
                var text = passage.Text[span.Start..span.End];
                var words = Words.Of(text);
                index++;

                // A rule of a table, a page number, half a code fence: nothing that answers, and the fence would swallow what comes after it.
                if (words.Count >= 2 && !text.Contains("```", StringComparison.Ordinal) && !text.Contains("~~~", StringComparison.Ordinal))
                {
                    candidates.Add(new(p, index, span, text, words.Count, words.Where(terms.Contains).ToHashSet(StringComparer.Ordinal), context));
                }
            }
        }

        return candidates;
    }

    private static bool IsRelevant(List<Candidate> candidates, HashSet<string> terms)
    {
        var passages = candidates.GroupBy(c => c.Passage).Select(passage =>
        {
            // The title alone does not make a passage relevant, but it may hold what a sentence leaves out.
            var said = passage.SelectMany(c => c.Held).ToHashSet(StringComparer.Ordinal);
            return (Says: said.Count > 0, Held: said.Union(passage.First().Context).ToHashSet(StringComparer.Ordinal));
        }).ToList();
        var weights = terms.ToDictionary(
            t => t, t => Words.Weight(t) * Math.Log(1 + ((passages.Count + 1.0) / (passages.Count(p => p.Held.Contains(t)) + 0.5))), StringComparer.Ordinal);
        var needed = Math.Min(Relevant * weights.Values.Sum(), RelevantWeight);
        return passages.Exists(p => p.Says && p.Held.Sum(t => weights[t]) >= needed);
    }

    private static void Score(List<Candidate> candidates, HashSet<string> terms, IReadOnlyList<RetrievedPassage> passages)
    {
        var rarity = terms.ToDictionary(
            t => t, t => Words.Weight(t) * Math.Log(1 + ((candidates.Count + 1.0) / (candidates.Count(c => c.Held.Contains(t)) + 0.5))), StringComparer.Ordinal);
        var length = candidates.Average(c => c.Words);
        var top = passages.Max(p => p.Score);
        foreach (var candidate in candidates)
        {
            var held = candidate.Held.Sum(t => rarity[t]);
            if (held == 0)
            {
                continue;
            }

            var normalised = held / (0.75 + (0.25 * Math.Max(candidate.Words, length / 2) / length));
            var context = candidate.Context.Where(t => !candidate.Held.Contains(t)).Sum(t => rarity[t]);
            var rank = top > 0 ? Math.Clamp(passages[candidate.Passage].Score / top, 0, 1) : 1;

            candidate.Score = (normalised + (0.3 * context)) * (0.75 + (0.25 * rank)) * (1 + (0.1 / candidate.Index)) * (IsHeading(candidate) ? 0.4 : 1);
        }
    }

    /// <summary>A heading, an entry of a table of contents or a question repeats what was asked and answers nothing.</summary>
    private static bool IsHeading(Candidate candidate)
    {
        var text = candidate.Text;
        return text[0] == '#' || text[^1] is '?' or '？' || text.EndsWith("===", StringComparison.Ordinal) || text.EndsWith("---", StringComparison.Ordinal)
            || candidate.Words <= 8 && char.IsLetterOrDigit(text[^1]) && text[0] is not ('-' or '*' or '|' or '•');
    }

    private static List<string> Slices(string text, IEnumerable<Candidate> picked)
    {
        var slices = new List<Span>();
        foreach (var span in picked.Select(p => p.Span).OrderBy(s => s.Start))
        {
            if (slices.Count > 0 && text.AsSpan(slices[^1].End, span.Start - slices[^1].End).IsWhiteSpace() && !text.AsSpan(slices[^1].End, span.Start - slices[^1].End).Contains("\n\n", StringComparison.Ordinal))
            {
                slices[^1] = new(slices[^1].Start, span.End);
            }
            else
            {
                slices.Add(span);
            }
        }

        return slices.ConvertAll(s => text[s.Start..s.End]);
    }

    private sealed record Candidate(int Passage, int Index, Span Span, string Text, int Words, HashSet<string> Held, HashSet<string> Context)
    {
        public double Score { get; set; }
    }
}
