using System.Globalization;
using System.Text;

namespace ChatSphere.AI.Chat.Citations;

/// <summary>
/// Cuts text into terms that can be compared across inflection and spelling: lower case, no diacritics, common endings of European languages taken off; runs of Chinese,
/// Japanese, Korean and Thai script, which write no spaces, become overlapping pairs of characters. Made for comparing a few passages with one another, not for an index.
/// </summary>
internal static class Words
{
    /// <summary>Longest first. What is left keeps at least four letters, so short words stay whole.</summary>
    private static readonly string[] Endings =
    [
        "ations", "ation", "ungen", "ements", "ement", "ments", "ment", "ingly", "ings", "ung", "ing", "ies", "ied", "edly", "ern", "est", "ers", "es", "ed", "er", "en",
        "em", "ly", "os", "as", "s", "e", "n", "y", "a", "o",
    ];

    /// <summary>
    /// Words of a question that say nothing about its subject. The other languages do without: such words are short, and <see cref="Weight"/> gives short words little.
    /// </summary>
    private static readonly HashSet<string> Stop = new(
        (
            "the and for are was were has have had does did not can could would should will what which who whom whose when where why how this that these those with from into about " +
            "you your our their his her its all any there here than then also just please tell say says said give " +
            "der die das den dem des ein eine einen einem einer eines und oder ist sind war waren hat haben wird werden kann konnen soll sollen muss mussen was wer wie wo wann warum " +
            "welche welcher welches wieviel oft nicht auch noch fur von vom zum zur mit bei aus auf uber dass sich man gibt " +
            "les des une est sont dans pour par sur avec que qui quoi quel quelle quels quelles comment pourquoi quand pas plus fait faire peut " +
            "los las una uno del por para con como cual cuales cuando donde porque quien que esta este esto son hay puede " +
            "gli dei della delle che chi cosa come quando dove perche quale quali sono non " +
            "uma dos como qual quais onde quando quem por para com nao sao " +
            "het een van voor met wat wie hoe waar wanneer waarom welke zijn niet kan " +
            "jak jest czy gdzie kiedy dlaczego ktory ktora " +
            "как что где когда почему кто какой какая какие это для или"
        ).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => Stem(Fold(w))),
        StringComparer.Ordinal);

    public static bool IsStopWord(string term) => term.Length < 2 && term[0] < '\u2E80' && !char.IsDigit(term[0]) || Stop.Contains(term);

    /// <summary>How much a term says about the subject: long words more than short ones, numbers a lot.</summary>
    public static double Weight(string term) => char.IsDigit(term[0]) || term[0] >= '\u2E80' ? 1 : Math.Min(term.Length, 8) / 8.0;

    public static List<string> Of(ReadOnlySpan<char> text)
    {
        var folded = Fold(text.ToString());
        var terms = new List<string>();
        for (var i = 0; i < folded.Length;)
        {
            if (!char.IsLetterOrDigit(folded[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var unspaced = IsUnspaced(folded[i]);
            while (i < folded.Length && char.IsLetterOrDigit(folded[i]) && IsUnspaced(folded[i]) == unspaced)
            {
                i++;
            }

            if (!unspaced)
            {
                terms.Add(Stem(folded[start..i]));
            }
            else if (i - start == 1)
            {
                terms.Add(folded[start..i]);
            }
            else
            {
                for (var pair = start; pair < i - 1; pair++)
                {
                    terms.Add(folded.Substring(pair, 2));
                }
            }
        }

        return terms;
    }

    private static bool IsUnspaced(char c) => c is (>= '\u2E80' and <= '\u9FFF') or (>= '\uAC00' and <= '\uD7AF') or (>= '\uF900' and <= '\uFAFF') or (>= '\u0E00' and <= '\u0EFF');

    private static string Fold(string text)
    {
        // Lone surrogates make Normalize throw; documents may hold any.
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            folded.Append(rune);
        }

        var decomposed = folded.ToString().Normalize(NormalizationForm.FormKD);
        folded.Clear();
        foreach (var c in decomposed)
        {
            // Hangul decomposes into many letters, which are put together again below; Thai vowels are marks too, and stay.
            if (c == 'ß')
            {
                folded.Append("ss");
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark || c >= '\u0E00' && c <= '\u0EFF')
            {
                folded.Append(char.ToLowerInvariant(c));
            }
        }

        return folded.ToString().Normalize(NormalizationForm.FormC);
    }

    private static string Stem(string word)
    {
        if (word.Length < 5 || char.IsDigit(word[0]))
        {
            // "Port", "Ports" and "bugs" should meet as well.
            return word.Length == 4 && word[^1] == 's' && word[^2] != 's' && !char.IsDigit(word[0]) ? word[..3] : word;
        }

        // German participles: "gewechselt" meets "wechseln".
        if (word.Length >= 8 && word.StartsWith("ge", StringComparison.Ordinal) && word[^1] == 't')
        {
            return word[2..^1];
        }

        foreach (var ending in Endings)
        {
            if (word.Length - ending.Length >= 4 && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return word[..^ending.Length];
            }
        }

        return word;
    }
}
