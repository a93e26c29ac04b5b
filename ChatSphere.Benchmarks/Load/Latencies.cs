using System.Collections.Concurrent;

namespace ChatSphere.Benchmarks.Load;

/// <summary>Measured times and their percentiles, by the nearest rank: the p-th percentile is a time that was really measured.</summary>
internal sealed class Latencies
{
    private readonly ConcurrentQueue<double> milliseconds = [];

    public int Count => milliseconds.Count;

    public void Add(TimeSpan time) => milliseconds.Enqueue(time.TotalMilliseconds);

    public void Clear() => milliseconds.Clear();

    public double Percentile(double p)
    {
        double[] sorted = [.. milliseconds.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(p / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public string[] Row(string name) => [name, Format(Percentile(50)), Format(Percentile(95)), Format(Percentile(99)), Format(Percentile(100)), $"{Count}"];

    public static string[] Header(string what) => [what, "p50 ms", "p95 ms", "p99 ms", "max ms", "n"];

    private static string Format(double value) => value.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
