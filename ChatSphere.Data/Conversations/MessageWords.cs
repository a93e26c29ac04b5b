using System.Text;

namespace ChatSphere.Data.Conversations;

/// <summary>
/// What somebody looks for, for texts that the database cannot read: words as they are, in any case and language, which all must occur; <c>"words in a row"</c>; <c>-not</c>;
/// <c>or</c>. The same language as <c>websearch_to_tsquery('simple', …)</c>, which plain texts are searched with.
/// </summary>
public sealed class MessageWords
{
    /// <summary>Long texts count by their beginning, as in the index of plain ones.</summary>
    public const int LongestText = 100_000;

    private const int MostMatches = 20;
    private const int Around = 90;
    private const string Between = " … ";

    /// <summary>One of these must hold: all of its terms.</summary>
    private readonly List<List<Term>> _ways;

    private MessageWords(List<List<Term>> ways) => _ways = ways;

    /// <summary>No word is in it: nothing is found.</summary>
    public bool IsEmpty => _ways.Count == 0;

    public static MessageWords Parse(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (ways, way) = (new List<List<Term>>(), new List<Term>());
        for (var at = 0; at < query.Length;)
        {
            if (char.IsWhiteSpace(query[at]))
            {
                at++;
                continue;
            }

            var not = false;
            for (; at < query.Length && query[at] == '-'; at++)
            {
                not = true;
            }

            string term;
            if (at < query.Length && query[at] == '"')
            {
                var end = query.IndexOf('"', at + 1);
                term = query[(at + 1)..(end < 0 ? query.Length : end)];
                at = end < 0 ? query.Length : end + 1;
            }
            else
            {
                var start = at;
                while (at < query.Length && !char.IsWhiteSpace(query[at]) && query[at] != '"')
                {
                    at++;
                }

                term = query[start..at];
                if (!not && term.Equals("or", StringComparison.OrdinalIgnoreCase) && way.Count > 0)
                {
                    ways.Add(way);
                    way = [];
                    continue;
                }
            }

            var words = Words(term).Select(w => term[w]).ToArray();
            if (words.Length > 0)
            {
                way.Add(new(words, not));
            }
        }

        if (way.Count > 0)
        {
            ways.Add(way);
        }

        return new(ways);
    }

    /// <summary>Where the words stand, in order; null: they are not all there. Empty: nothing had to be there.</summary>
    public IReadOnlyList<Range>? Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var read = text.Length <= LongestText ? text : text[..LongestText];
        List<Range>? words = null;
        foreach (var way in _ways)
        {
            // Most texts have not even the letters.
            if (way.Exists(t => !t.Not && Array.Exists(t.Words, w => !read.Contains(w, StringComparison.OrdinalIgnoreCase))))
            {
                continue;
            }

            words ??= [.. Words(read)];
            var found = new List<Range>();
            if (way.TrueForAll(t => t.Occurs(read, words, t.Not ? null : found) != t.Not))
            {
                return [.. found.DistinctBy(r => r.Start.Value).OrderBy(r => r.Start.Value).Take(MostMatches)];
            }
        }

        return null;
    }

    /// <summary>The words around the first match and around one further on, and where in that the matches stand.</summary>
    public static (string Excerpt, IReadOnlyList<Range> Matches) Excerpt(string text, IReadOnlyList<Range> matches)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(matches);
        var (excerpt, moved, to) = (new StringBuilder(), new List<Range>(), 0);
        var centres = matches.Count == 0 ? [default] : matches.Where((m, i) => i == 0 || m.Start.Value - matches[0].End.Value > 2 * Around).Take(2).ToArray();
        foreach (var centre in centres)
        {
            var from = centre.Start.Value <= Around ? 0 : Boundary(text, centre.Start.Value - Around, forward: true, most: centre.Start.Value);
            to = Math.Min(text.Length, centre.End.Value + Around) is var end && end == text.Length ? end : Boundary(text, end, forward: false, most: centre.End.Value);
            if (excerpt.Length > 0)
            {
                excerpt.Append(Between);
            }

            foreach (var match in matches.Where(m => m.Start.Value >= from && m.End.Value <= to))
            {
                moved.Add((match.Start.Value - from + excerpt.Length)..(match.End.Value - from + excerpt.Length));
            }

            excerpt.Append(text, from, to - from);
        }

        return (excerpt.ToString(), moved);
    }

    /// <summary>The next place in this direction where a word ends; never beyond <paramref name="most"/>, and never in the middle of a surrogate pair.</summary>
    private static int Boundary(string text, int at, bool forward, int most)
    {
        var start = at;
        while (at != most && !char.IsWhiteSpace(text[at]) && Math.Abs(at - start) < 40)
        {
            at += forward ? 1 : -1;
        }

        return at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;
    }

    private static IEnumerable<Range> Words(string text)
    {
        var start = -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsOfWord(text, i))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                yield return start..i;
                start = -1;
            }
        }

        if (start >= 0)
        {
            yield return start..text.Length;
        }
    }

    private static bool IsOfWord(string text, int i) => char.IsSurrogate(text[i])
        ? char.IsLetterOrDigit(text, char.IsLowSurrogate(text[i]) && i > 0 && char.IsHighSurrogate(text[i - 1]) ? i - 1 : i)
        : char.IsLetterOrDigit(text[i]) || char.GetUnicodeCategory(text[i]) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    /// <param name="Words">In a row.</param>
    private sealed record Term(string[] Words, bool Not)
    {
        /// <param name="found">Where its words are put; null: once is enough.</param>
        public bool Occurs(string text, List<Range> words, List<Range>? found)
        {
            var occurs = false;
            for (var i = 0; i + Words.Length <= words.Count; i++)
            {
                var n = 0;
                while (n < Words.Length && text.AsSpan(words[i + n]).Equals(Words[n], StringComparison.OrdinalIgnoreCase))
                {
                    n++;
                }

                if (n < Words.Length)
                {
                    continue;
                }

                occurs = true;
                if (found is null || found.Count >= MostMatches)
                {
                    return true;
                }

                found.AddRange(words.GetRange(i, n));
            }

            return occurs;
        }
    }
}
