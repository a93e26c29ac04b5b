using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace ChatSphere.ServiceDefaults.Prometheus;

/// <summary>
/// Finds a series by its tags without allocating. The same tags in another order, or as other objects of the same text, are the same series: a first
/// dictionary knows the tags as they were given, a second their labels as they are written out.
/// </summary>
internal sealed class SeriesByTags
{
    private readonly int most;
    private readonly string overflowLabels;
    private readonly Func<Series> create;
    private readonly Lock adding = new();
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> asGiven = new(TagComparer.Instance);
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> lookup;
    private readonly ConcurrentDictionary<string, Series> asWritten = new(StringComparer.Ordinal);

    public SeriesByTags(int most, string overflowLabels, Func<Series> create)
    {
        this.most = most;
        this.overflowLabels = overflowLabels;
        this.create = create;
        lookup = asGiven.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public IEnumerable<(string Labels, Series Series)> All => asWritten.Select(pair => (pair.Key, pair.Value));

    public Series For(ReadOnlySpan<KeyValuePair<string, object?>> tags) => lookup.TryGetValue(tags, out var known) ? known : Add(tags);

    private Series Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusNames.Labels(tags);
        lock (adding)
        {
            if (!asWritten.TryGetValue(labels, out var series))
            {
                if (asWritten.Count >= most)
                {
                    return asWritten.GetOrAdd(overflowLabels, static (_, create) => create(), create);
                }

                asWritten[labels] = series = create();
            }

            // Orders and spellings of one series are bounded as well; beyond that the longer way is taken each time.
            if (asGiven.Count < 2 * most)
            {
                asGiven[tags.ToArray()] = series;
            }

            return series;
        }
    }

    private sealed class TagComparer : IEqualityComparer<KeyValuePair<string, object?>[]>,
        IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, KeyValuePair<string, object?>[]>
    {
        public static readonly TagComparer Instance = new();

        public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y) => Equals(x.AsSpan(), y!);

        public int GetHashCode([DisallowNull] KeyValuePair<string, object?>[] obj) => GetHashCode(obj.AsSpan());

        public KeyValuePair<string, object?>[] Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, KeyValuePair<string, object?>[] other)
        {
            if (alternate.Length != other.Length)
            {
                return false;
            }

            for (var i = 0; i < other.Length; i++)
            {
                if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value))
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
        {
            var hash = new HashCode();
            foreach (var (key, value) in alternate)
            {
                hash.Add(key);
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}
