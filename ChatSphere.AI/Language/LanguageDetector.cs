using System.Text;

namespace ChatSphere.AI.Language;

/// <param name="Language">ISO 639-1; null: too short, or nothing that is known.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Candidates">Best first, at most five.</param>
public sealed record DetectedLanguage(string? Language, string? Name, double Confidence, IReadOnlyList<(string Language, double Score)> Candidates);

/// <summary>
/// Tells a text's language without a model: by its script where one language uses it, else by which profile's groups of three letters it is most like. Good for a sentence or more;
/// a few words are a guess, languages that are written alike (Norwegian and Danish, Czech and Slovak, Croatian and Serbian in Latin letters, Indonesian and Malay) are taken for each other,
/// Latin letters for a language that uses others are not seen through, and of a text in two languages the one with more of it is said.
/// </summary>
public static class LanguageDetector
{
    private const int Longest = 4_000;
    private const double Smoothing = 0.5;

    private static readonly Dictionary<string, Dictionary<int, double>> Profiles = LanguageProfiles.Texts.ToDictionary(p => p.Key, p => Profile(p.Value), StringComparer.Ordinal);
    private static readonly string[] Cyrillic = ["ru", "uk", "bg", "sr"];
    private static readonly string[] Arabic = ["ar", "fa"];
    private static readonly string[] Latin = [.. Profiles.Keys.Except(Cyrillic).Except(Arabic)];

    /// <summary>All languages that it may name.</summary>
    public static IReadOnlyCollection<string> Known { get; } = [.. LanguageProfiles.Names.Keys];

    public static string? NameOf(string language) => LanguageProfiles.Names.GetValueOrDefault(language);

    public static DetectedLanguage Detect(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var folded = Fold(text);
        var scripts = new Dictionary<string, int>(StringComparer.Ordinal);
        var letters = 0;
        foreach (var c in folded)
        {
            if (ScriptOf(c) is { } script)
            {
                scripts[script] = scripts.GetValueOrDefault(script) + 1;
                letters++;
            }
        }

        if (letters == 0)
        {
            return new(null, null, 0, []);
        }

        // Japanese mixes Chinese characters with its own; a fifth of kana says which it is. A Chinese character stands for about three letters.
        var han = scripts.GetValueOrDefault("zh");
        var kana = scripts.GetValueOrDefault("ja");
        if (kana * 5 >= han && kana > 0)
        {
            scripts["ja"] = kana + han;
            scripts.Remove("zh");
        }

        foreach (var dense in (string[])["zh", "ja", "ko"])
        {
            if (scripts.TryGetValue(dense, out var count))
            {
                scripts[dense] = count * 3;
            }
        }

        var most = scripts.MaxBy(s => s.Value).Key;
        if (most is not ("latin" or "cyrillic" or "arabic"))
        {
            var total = scripts.Values.Sum();
            return new(most, NameOf(most), Math.Round((double)scripts[most] / total, 3), [(most, 1)]);
        }

        return ByLetters(folded, most switch { "cyrillic" => Cyrillic, "arabic" => Arabic, _ => Latin });
    }

    private static DetectedLanguage ByLetters(string folded, string[] languages)
    {
        var grams = Grams(folded);
        var count = grams.Values.Sum();
        var scores = languages.Select(l => (Language: l, Score: grams.Sum(g => g.Value * Weight(Profiles[l], g.Key)) / count)).OrderByDescending(s => s.Score).ToList();
        var known = grams.Where(g => Profiles[scores[0].Language].ContainsKey(g.Key)).Sum(g => g.Value);

        // Letters in no order that any language has: codes, names of parts, noise.
        if (count < 4 || known < count * 0.15)
        {
            return new(null, null, 0, []);
        }

        var best = scores[0].Score;
        var weights = scores.Select(s => (s.Language, Weight: Math.Exp((s.Score - best) * Math.Min(count, 60)))).ToList();
        var sum = weights.Sum(w => w.Weight);
        var candidates = weights.Take(5).Select(w => (w.Language, Math.Round(w.Weight / sum, 3))).ToList();
        return new(scores[0].Language, NameOf(scores[0].Language), candidates[0].Item2, candidates);
    }

    private static double Weight(Dictionary<int, double> profile, int gram) => profile.TryGetValue(gram, out var weight) ? weight : profile[-1];

    private static Dictionary<int, double> Profile(string text)
    {
        var grams = Grams(Fold(text));
        var total = grams.Values.Sum() + (Smoothing * 4_000);
        var profile = grams.ToDictionary(g => g.Key, g => Math.Log((g.Value + Smoothing) / total));
        profile[-1] = Math.Log(Smoothing / total);
        return profile;
    }

    /// <summary>Groups of three letters, a blank before and behind each word.</summary>
    private static Dictionary<int, int> Grams(string folded)
    {
        var grams = new Dictionary<int, int>();
        for (var i = 0; i + 2 < folded.Length; i++)
        {
            if (folded[i + 1] != ' ')
            {
                // Letters of these scripts fit into ten bits each, near enough.
                var gram = (Code(folded[i]) << 20) | (Code(folded[i + 1]) << 10) | Code(folded[i + 2]);
                grams[gram] = grams.GetValueOrDefault(gram) + 1;
            }
        }

        return grams;

        static int Code(char c) => c == ' ' ? 0 : (c % 1_021) + 1;
    }

    /// <summary>Lower case, letters only, one blank between words.</summary>
    private static string Fold(string text)
    {
        var folded = new StringBuilder(Math.Min(text.Length, Longest) + 2).Append(' ');
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            if (char.IsLetter(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark)
            {
                folded.Append(char.ToLowerInvariant(c));
            }
            else if (c != '\u200C' && folded[^1] != ' ')
            {
                folded.Append(' ');
            }
        }

        return (folded[^1] == ' ' ? folded : folded.Append(' ')).ToString();
    }

    private static string? ScriptOf(char c) => c switch
    {
        ' ' => null,
        < '\u0250' or (>= '\u1E00' and <= '\u1EFF') => "latin",
        >= '\u0370' and <= '\u03FF' => "el",
        >= '\u0400' and <= '\u052F' => "cyrillic",
        >= '\u0530' and <= '\u058F' => "hy",
        >= '\u0590' and <= '\u05FF' => "he",
        (>= '\u0600' and <= '\u077F') or (>= '\uFB50' and <= '\uFDFF') => "arabic",
        >= '\u0900' and <= '\u097F' => "hi",
        >= '\u0980' and <= '\u09FF' => "bn",
        >= '\u0B80' and <= '\u0BFF' => "ta",
        >= '\u0C00' and <= '\u0C7F' => "te",
        >= '\u0E00' and <= '\u0E7F' => "th",
        >= '\u10A0' and <= '\u10FF' => "ka",
        >= '\u3040' and <= '\u30FF' => "ja",
        >= '\u4E00' and <= '\u9FFF' => "zh",
        (>= '\uAC00' and <= '\uD7AF') or (>= '\u1100' and <= '\u11FF') => "ko",
        _ => null,
    };
}
