using System.Text;

namespace ChatSphere.Benchmarks.Documents;

/// <summary>
/// Text with the statistics that matter to a search index: a vocabulary of some 20,000 made-up words used as seldom as real ones are (Zipf), English
/// function words between them, paragraphs and headings. The same seed gives the same text.
/// </summary>
internal sealed class SyntheticText(int seed)
{
    private const int VocabularySize = 20_000;
    private const double FirstRank = 20;

    private static readonly string[] Function = "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all".Split(' ');
    private static readonly string[] Onsets = "b br c ch cl d dr f fl g gr h j k l m n p pl pr qu r s sh sl st t th tr v w".Split(' ');
    private static readonly string[] Cores = "a e i o u ai ea ee oa ou".Split(' ');
    private static readonly string[] Codas = ["", "", "", "n", "r", "l", "s", "t", "nd", "rt", "ck", "m"];
    private static readonly string[] Vocabulary = MakeVocabulary();

    // With a seed, System.Random still runs the algorithm of .NET Framework, kept so that sequences repeat.
    private readonly Random random = new(seed);

    public static IReadOnlyList<string> AllWords => Vocabulary;

    /// <summary>A short Markdown document of about so many words.</summary>
    public string Markdown(int words)
    {
        var text = new StringBuilder().Append("# ").Append(Heading()).Append("\n\n");
        for (var left = words; left > 0;)
        {
            var paragraph = Math.Min(left, 60 + random.Next(80));
            text.Append(Paragraph(paragraph)).Append("\n\n");
            left -= paragraph;
            if (left > 0 && random.Next(5) == 0)
            {
                text.Append("## ").Append(Heading()).Append("\n\n");
            }
        }

        return text.ToString();
    }

    public string Paragraph(int words)
    {
        var text = new StringBuilder();
        for (var left = words; left > 0;)
        {
            var length = Math.Min(left, 6 + random.Next(14));
            for (var i = 0; i < length; i++)
            {
                var word = Word();
                text.Append(i == 0 ? Capital(word) : word).Append(i == length - 1 ? ". " : " ");
            }

            left -= length;
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>A question of a few content words, some common and some rare.</summary>
    public string Question() => $"What {string.Join(' ', Enumerable.Range(0, 3 + random.Next(4)).Select(_ => Content()))}?";

    public string Heading() => Capital(string.Join(' ', Enumerable.Range(0, 2 + random.Next(3)).Select(_ => Content())));

    private string Word() => random.Next(5) < 2 ? Function[random.Next(Function.Length)] : Content();

    /// <summary>Rank r with a frequency of about 1/(r + 20) (Zipf–Mandelbrot; function words are the first ranks), by inverting the distribution's integral.</summary>
    private string Content() => Vocabulary[Math.Min(VocabularySize - 1, (int)(FirstRank * (Math.Pow((VocabularySize + FirstRank) / FirstRank, random.NextDouble()) - 1)))];

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string[] MakeVocabulary()
    {
        var random = new Random(20_000);
        var words = new List<string>(VocabularySize);
        var known = new HashSet<string>(Function);
        while (words.Count < VocabularySize)
        {
            // Common words are short, as in any language.
            var word = string.Concat(Enumerable.Range(0, words.Count < 600 ? 1 : 2 + random.Next(8) / 7)
                .Select(_ => Onsets[random.Next(Onsets.Length)] + Cores[random.Next(Cores.Length)] + Codas[random.Next(Codas.Length)]));
            if (word.Length > 2 && known.Add(word))
            {
                words.Add(word);
            }
        }

        return [.. words];
    }
}
