namespace ChatSphere.Benchmarks.MockModels;

/// <summary>Signed feature hashing of words and of the three-letter pieces in them, normalised: texts that share words are near, on every machine alike.</summary>
internal static class HashedEmbedding
{
    public static float[] Of(string text, int dimensions)
    {
        var vector = new float[dimensions];
        foreach (var range in Ranges(text))
        {
            var word = text[range].ToUpperInvariant();
            Add(vector, word, 1f);
            var padded = $"^{word}$";
            for (var i = 0; i + 3 <= padded.Length; i++)
            {
                Add(vector, padded.AsSpan(i, 3), 0.3f);
            }
        }

        var length = MathF.Sqrt(vector.Sum(x => x * x));
        if (length == 0)
        {
            // Cosine similarity of a null vector is undefined, and some stores refuse it.
            vector[0] = 1;
            return vector;
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] /= length;
        }

        return vector;
    }

    private static void Add(float[] vector, ReadOnlySpan<char> feature, float weight)
    {
        var hash = Words.Hash(feature);
        vector[hash % (uint)vector.Length] += (hash & 0x8000_0000) == 0 ? weight : -weight;
    }

    private static List<Range> Ranges(string text)
    {
        var ranges = new List<Range>();
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inWord = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inWord && start < 0)
            {
                start = i;
            }
            else if (!inWord && start >= 0)
            {
                ranges.Add(start..i);
                start = -1;
            }
        }

        return ranges;
    }
}
