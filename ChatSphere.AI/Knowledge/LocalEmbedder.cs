using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using ChatSphere.AI.Chat;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Knowledge;

/// <summary>
/// Vectors without a model, the same on every machine and in every run: words and their pieces of four letters (of two signs in scripts without blanks), each hashed
/// to a dimension and a sign, weighted by 1 + ln(occurrences), made of length 1. They tell shared wording and spelling, not meaning: a weak second signal
/// beside the lexical search, and the only one for text that PostgreSQL's parser cannot take apart.
/// </summary>
public sealed class LocalEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    public const int Dimensions = 512;

    /// <summary>Kept with every vector. Whatever changes the vectors must change this name.</summary>
    public const string Model = "local-hash-512-v1";

    private const ulong WordFeature = 0, PieceFeature = 1, SignFeature = 2;
    private const int PieceLength = 4;

    private static readonly EmbeddingGeneratorMetadata Metadata = new("chatsphere", null, Model, Dimensions);

    // Without counts from a collection there is no idf; these would drown everything else.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> StopWords = FrozenSet.Create(
        "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "before", "but", "by", "can", "could", "did", "do", "does", "for", "from", "had",
        "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "may", "me", "my", "no", "not", "of", "on", "one", "or", "our", "should", "so",
        "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when", "where", "which",
        "while", "who", "why", "will", "with", "would", "you", "your",
        "das", "dem", "den", "der", "des", "die", "ein", "eine", "einen", "einer", "es", "ist", "mit", "nicht", "sich", "sie", "und", "von", "wie", "zu", "zum", "zur",
        "au", "aux", "de", "du", "en", "est", "et", "la", "le", "les", "ne", "pas", "que", "qui", "un", "une", "el", "los", "las", "por", "se", "una", "y").GetAlternateLookup<ReadOnlySpan<char>>();

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var result = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var value in values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var vector = new float[Dimensions];
            Embed(value, vector);
            result.Add(new Embedding<float>(vector) { ModelId = Model });
        }

        return Task.FromResult(result);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    /// <summary>All zeros for a text without letters and digits.</summary>
    public static void Embed(string text, Span<float> vector)
    {
        vector.Clear();
        if (!Ascii.IsValid(text))
        {
            text = text.Normalize(NormalizationForm.FormKD);
        }

        var features = new Features(text.Length);
        try
        {
            Collect(text, ref features);
            var all = features.Sorted();
            for (var i = 0; i < all.Length;)
            {
                var feature = all[i];
                var count = 1;
                for (; i + count < all.Length && all[i + count] == feature; count++)
                {
                }

                i += count;
                // The kind is in the two lowest bits; sign and dimension come from others.
                var weight = (feature & 3) switch { WordFeature => 1f, PieceFeature => 0.35f, _ => 0.8f } * (1 + MathF.Log(count));
                vector[(int)((feature >> 8) % Dimensions)] += (feature & 0x80) == 0 ? weight : -weight;
            }
        }
        finally
        {
            features.Dispose();
        }

        var length = TensorPrimitives.Norm(vector);
        if (length > 0)
        {
            TensorPrimitives.Divide(vector, length, vector);
        }
    }

    private static void Collect(string text, ref Features features)
    {
        Span<char> word = stackalloc char[66];
        word[0] = '_';
        var length = 1;
        var previousSign = '\0';
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                Put(word, ref length, (char)(char.IsAsciiLetterUpper(c) ? c | 0x20 : c));
                previousSign = '\0';
                continue;
            }

            if (!char.IsAscii(c))
            {
                if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
                {
                    continue;
                }

                if (TokenEstimate.IsIdeographic(c) || char.IsSurrogate(c))
                {
                    End(word, ref length, ref features);
                    features.Add(Hash([c], SignFeature));
                    if (previousSign != '\0')
                    {
                        features.Add(Hash([previousSign, c], SignFeature));
                    }

                    previousSign = c;
                    continue;
                }

                if (char.IsLetterOrDigit(c))
                {
                    Put(word, ref length, char.ToLowerInvariant(c));
                    previousSign = '\0';
                    continue;
                }
            }

            previousSign = '\0';
            End(word, ref length, ref features);
        }

        End(word, ref length, ref features);
    }

    private static void Put(Span<char> word, ref int length, char c)
    {
        // One place is kept for the closing mark; what is longer is no word.
        if (length < word.Length - 1)
        {
            word[length++] = c;
        }
    }

    private static void End(Span<char> word, ref int length, ref Features features)
    {
        var letters = word[1..length];
        if (letters.Length > 0 && !StopWords.Contains(letters))
        {
            features.Add(Hash(Stem(letters), WordFeature));
            word[length] = '_';
            var marked = word[..(length + 1)];
            for (var i = 0; letters.Length > 3 && i + PieceLength <= marked.Length; i++)
            {
                features.Add(Hash(marked.Slice(i, PieceLength), PieceFeature));
            }
        }

        length = 1;
    }

    /// <summary>Plural and the commonest endings; the pieces make up for the rest.</summary>
    private static ReadOnlySpan<char> Stem(ReadOnlySpan<char> word) => word switch
    {
        [.. var stem, 'i', 'n', 'g'] when stem.Length > 3 => stem,
        [.. var stem, 'e', 'd'] when stem.Length > 3 => stem,
        [.. var stem, 'e', 's'] when stem.Length > 3 => stem,
        [.. var stem, 'e'] when stem.Length > 3 => stem,
        [.. var stem, 's'] when stem.Length > 2 && stem[^1] != 's' => stem,
        _ => word,
    };

    private static ulong Hash(ReadOnlySpan<char> text, ulong kind)
    {
        // FNV-1a, then a finaliser: string.GetHashCode differs from run to run.
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        hash ^= hash >> 33;
        return (hash & ~3UL) | kind;
    }

    private struct Features(int capacity) : IDisposable
    {
        private ulong[] _items = ArrayPool<ulong>.Shared.Rent(Math.Max(64, capacity * 2));
        private int _count;

        public void Add(ulong feature)
        {
            if (_count == _items.Length)
            {
                var larger = ArrayPool<ulong>.Shared.Rent(_count * 2);
                _items.AsSpan().CopyTo(larger);
                ArrayPool<ulong>.Shared.Return(_items);
                _items = larger;
            }

            _items[_count++] = feature;
        }

        public readonly ReadOnlySpan<ulong> Sorted()
        {
            Array.Sort(_items, 0, _count);
            return _items.AsSpan(0, _count);
        }

        public readonly void Dispose() => ArrayPool<ulong>.Shared.Return(_items);
    }
}
