using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ChatSphere.Data;

/// <summary>
/// What two names that look alike have in common, for names of which there may be only one. The table is ours and small: Cyrillic and Greek letters that a Latin eye reads as
/// Latin ones, and digits that read as letters; after NFKC and lower case nothing else of the common scripts does.
/// </summary>
public static class LookAlikes
{
    private static readonly FrozenDictionary<char, string> Table = new Dictionary<char, string>
    {
        // Digits
        ['0'] = "o", ['1'] = "l",

        // Cyrillic
        ['а'] = "a", ['в'] = "b", ['ԁ'] = "d", ['е'] = "e", ['ё'] = "ë", ['һ'] = "h", ['і'] = "i", ['ї'] = "ï", ['ј'] = "j", ['к'] = "k", ['ӏ'] = "l", ['м'] = "m", ['н'] = "h", ['о'] = "o", ['р'] = "p",
        ['ԛ'] = "q", ['г'] = "r", ['ѕ'] = "s", ['т'] = "t", ['у'] = "y", ['ү'] = "y", ['ѵ'] = "v", ['ԝ'] = "w", ['х'] = "x", ['с'] = "c", ['ь'] = "b", ['п'] = "n", ['ґ'] = "r", ['ѡ'] = "w", ['ӕ'] = "ae",

        // Greek
        ['α'] = "a", ['β'] = "b", ['ϲ'] = "c", ['ε'] = "e", ['γ'] = "y", ['η'] = "n", ['ι'] = "i", ['κ'] = "k", ['μ'] = "u", ['ν'] = "v", ['ο'] = "o", ['ρ'] = "p", ['σ'] = "o", ['ς'] = "c", ['τ'] = "t",
        ['υ'] = "u", ['χ'] = "x", ['ω'] = "w", ['ϳ'] = "j",

        // Latin letters that are drawn as others
        ['ı'] = "i", ['ɩ'] = "i", ['ɑ'] = "a", ['ɡ'] = "g", ['ʏ'] = "y", ['ƅ'] = "b", ['ſ'] = "f", ['ß'] = "ss", ['æ'] = "ae", ['œ'] = "oe", ['ƿ'] = "p", ['ꜱ'] = "s",
    }.ToFrozenDictionary();

    /// <summary>Composed by compatibility (NFKC), in lower case, without what cannot be seen, runs of white space as one space.</summary>
    public static string Fold(string name)
    {
        var seen = new StringBuilder(name.Length);
        foreach (var rune in name.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                if (seen.Length > 0 && seen[^1] != ' ')
                {
                    seen.Append(' ');
                }
            }
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format))
            {
                seen.Append(rune);
            }
        }

        return seen.ToString().Trim().ToLowerInvariant().Normalize(NormalizationForm.FormKC);
    }

    /// <summary>What is compared: of any name.</summary>
    public static string KeyOf(string name) => SkeletonOf(Fold(name));

    /// <summary>The same for names that look alike; of a folded name, see <see cref="Fold"/>.</summary>
    public static string SkeletonOf(string folded)
    {
        var skeleton = new StringBuilder(folded.Length);
        foreach (var character in folded)
        {
            skeleton.Append(Table.TryGetValue(character, out var seenAs) ? seenAs : character);
        }

        // Two letters that are read as one.
        return skeleton.Replace("rn", "m").Replace("vv", "w").ToString().Normalize(NormalizationForm.FormKC);
    }
}
