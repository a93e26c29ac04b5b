using System.Collections.Concurrent;

namespace ChatSphere.AI.Chat;

/// <summary>Tokens of prompts: as estimated, and as the model said.</summary>
public readonly record struct CountedTokens(double Estimated, double Reported)
{
    public static CountedTokens operator +(CountedTokens a, CountedTokens b) => new(a.Estimated + b.Estimated, a.Reported + b.Reported);

    public static CountedTokens operator *(CountedTokens a, double share) => new(a.Estimated * share, a.Reported * share);
}

/// <summary>
/// How many tokens a model really takes for one estimated, from what it reported: reported over estimated of the latest calls, between half and two and a half, and one for a
/// model that said nothing yet. The first calls move it little. Counts are kept here and handed over for keeping elsewhere, which gives back those of all nodes.
/// </summary>
public sealed class TokenRatios
{
    public const double Least = 0.5;
    public const double Most = 2.5;

    /// <summary>A model begins as one whose estimates were right for so many tokens.</summary>
    private const double Prior = 1_000;

    /// <summary>What comes beyond it makes older counts fade.</summary>
    private const double Remembered = 200_000;

    /// <summary>Of a short prompt most is what providers put around it.</summary>
    private const int Worth = 50;

    private const int MostModels = 2_000;

    private readonly ConcurrentDictionary<string, Counts> _models = new(StringComparer.Ordinal);

    private sealed class Counts
    {
        public CountedTokens Known;
        public CountedTokens Own;
    }

    /// <summary>Real tokens for one estimated.</summary>
    public double Of(string? model)
    {
        if (model is null || !_models.TryGetValue(model, out var counts))
        {
            return 1;
        }

        lock (counts)
        {
            return Ratio(counts.Known + counts.Own);
        }
    }

    public static double Ratio(CountedTokens all) => Math.Clamp((all.Reported + Prior) / (all.Estimated + Prior), Least, Most);

    /// <param name="reported">Out of all reason (a proxy that counts for itself): not taken.</param>
    public void Observe(string model, int estimated, long reported)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (estimated < Worth || reported < estimated / 10 || reported > estimated * 10L || (_models.Count >= MostModels && !_models.ContainsKey(model)))
        {
            return;
        }

        var counts = _models.GetOrAdd(model, static _ => new());
        lock (counts)
        {
            // No call alone decides.
            var seen = new CountedTokens(estimated, Math.Clamp(reported, estimated * Least / 2, estimated * Most * 2));
            var fade = Math.Min(1, Remembered / (counts.Known.Estimated + counts.Own.Estimated + seen.Estimated));
            counts.Known *= fade;
            counts.Own = (counts.Own * fade) + seen;
        }
    }

    /// <summary>What was seen here since the last time, by model; the caller keeps it.</summary>
    public IReadOnlyList<(string Model, CountedTokens Counted)> Take()
    {
        var taken = new List<(string, CountedTokens)>();
        foreach (var (model, counts) in _models)
        {
            lock (counts)
            {
                if (counts.Own.Estimated > 0)
                {
                    taken.Add((model, counts.Own));
                    counts.Known += counts.Own;
                    counts.Own = default;
                }
            }
        }

        return taken;
    }

    /// <summary>What all nodes have seen, as it is kept.</summary>
    public void Put(string model, CountedTokens known)
    {
        if (known is not { Estimated: > 0, Reported: > 0 } || !double.IsFinite(known.Estimated + known.Reported))
        {
            return;
        }

        var counts = _models.GetOrAdd(model, static _ => new());
        lock (counts)
        {
            counts.Known = known;
        }
    }
}
