using System.Diagnostics.Metrics;

namespace ChatSphere.ServiceDefaults.Prometheus;

internal enum PrometheusType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One instrument's series at the moment of a scrape.</summary>
internal sealed record MetricSnapshot(string Meter, string Name, string? Unit, string? Description, PrometheusType Type, IReadOnlyList<SeriesSnapshot> Series);

/// <summary>Labels ready for output (without braces). Histograms: cumulative counts per bound, the last for +Inf, and the sum in <see cref="Value"/>.</summary>
internal sealed record SeriesSnapshot(string Labels, double Value, IReadOnlyList<(double Bound, long Count)>? Buckets);

/// <summary>An instrument's aggregated series. Recording is lock-free but for the first measurement of a series.</summary>
internal sealed class Metric
{
    /// <summary>Past this many series the rest of an instrument goes into one that says so, as in OpenTelemetry: a tag with user input must not eat the memory.</summary>
    public const int MostSeries = 2000;

    private const string OverflowLabels = "otel_metric_overflow=\"true\"";

    // From the semantic conventions for durations in seconds, and OpenTelemetry's default for everything else.
    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60];
    private static readonly double[] Bytes = [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456];
    private static readonly double[] Anything = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly string meter;
    private readonly string name;
    private readonly string? unit;
    private readonly string? description;
    private readonly PrometheusType type;
    private readonly Measure measure;
    private readonly double[] bounds;
    private readonly SeriesByTags series;

    public Metric(Instrument instrument, PrometheusType type)
    {
        this.type = type;
        meter = instrument.Meter.Name;
        name = instrument.Name;
        unit = instrument.Unit;
        description = instrument.Description;
        measure = MeasureOf(instrument);
        bounds = type == PrometheusType.Histogram ? Bounds(instrument) : [];
        series = new SeriesByTags(MostSeries, OverflowLabels, () => new Series(bounds.Length));
    }

    private enum Measure
    {
        Add,
        Set,
        Observe,
        AddObserved,
        Bucket,
    }

    /// <summary>Null for an instrument that we cannot aggregate, which is none of those .NET 10 knows.</summary>
    public static PrometheusType? TypeOf(Instrument instrument) => Kind(instrument) switch
    {
        "Counter" or "ObservableCounter" => PrometheusType.Counter,
        "UpDownCounter" or "ObservableUpDownCounter" or "Gauge" or "ObservableGauge" => PrometheusType.Gauge,
        "Histogram" => PrometheusType.Histogram,
        _ => null,
    };

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var target = series.For(tags);
        switch (measure)
        {
            case Measure.Add:
                target.Add(value);
                break;
            case Measure.Bucket when double.IsNaN(value):
                break;
            case Measure.Bucket:
                var bucket = Array.BinarySearch(bounds, value);
                target.Count(bucket < 0 ? ~bucket : bucket, value);
                break;
            case Measure.AddObserved:
                // Two instruments of one name (two pools, say) observed in one scrape make one total.
                target.Add(value);
                target.Seen = true;
                break;
            default:
                target.Set(value);
                target.Seen = true;
                break;
        }
    }

    /// <summary>What is not observed in a scrape no longer exists: a closed connection pool's gauge must go.</summary>
    public void ForgetObservations()
    {
        if (measure is Measure.Observe or Measure.AddObserved)
        {
            foreach (var (_, each) in series.All)
            {
                each.Set(0);
                each.Seen = false;
            }
        }
    }

    public MetricSnapshot Snapshot() => new(meter, name, unit, description, type,
        [.. series.All.Where(each => each.Series.Seen).Select(each => new SeriesSnapshot(each.Labels, each.Series.Value, type == PrometheusType.Histogram ? Cumulative(each.Series) : null))]);

    private List<(double Bound, long Count)> Cumulative(Series each)
    {
        var counts = each.Counts();
        var result = new List<(double, long)>(counts.Length);
        long sum = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i];
            result.Add((i < bounds.Length ? bounds[i] : double.PositiveInfinity, sum));
        }

        return result;
    }

    private static string Kind(Instrument instrument) => instrument.GetType() is { IsGenericType: true } type ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : "";

    private static Measure MeasureOf(Instrument instrument) => Kind(instrument) switch
    {
        "Histogram" => Measure.Bucket,
        "Gauge" => Measure.Set,
        "ObservableGauge" => Measure.Observe,
        "ObservableCounter" or "ObservableUpDownCounter" => Measure.AddObserved,
        _ => Measure.Add,
    };

    private static double[] Bounds(Instrument instrument)
    {
        var advised = instrument switch
        {
            Histogram<double> h => Advised(h),
            Histogram<long> h => Advised(h),
            Histogram<int> h => Advised(h),
            Histogram<float> h => Advised(h),
            Histogram<short> h => Advised(h),
            Histogram<byte> h => Advised(h),
            Histogram<decimal> h => Advised(h),
            _ => null,
        };
        return advised ?? instrument.Unit switch
        {
            "s" => Seconds,
            "By" => Bytes,
            _ => Anything,
        };

        static double[]? Advised<T>(Histogram<T> histogram) where T : struct =>
            histogram.Advice?.HistogramBucketBoundaries is { Count: > 0 } advice
                ? [.. advice.Select(bound => Convert.ToDouble(bound, System.Globalization.CultureInfo.InvariantCulture)).Order().Distinct()]
                : null;
    }
}

/// <summary>One combination of tag values.</summary>
internal sealed class Series(int bounds)
{
    private readonly long[] buckets = new long[bounds + 1];
    private double value;

    /// <summary>False only for an observable's series that the latest scrape did not report.</summary>
    public bool Seen { get; set; } = true;

    public double Value => Volatile.Read(ref value);

    public void Set(double to) => Volatile.Write(ref value, to);

    public void Add(double more)
    {
        var seen = Volatile.Read(ref value);
        while (true)
        {
            var found = Interlocked.CompareExchange(ref value, seen + more, seen);
            if (BitConverter.DoubleToInt64Bits(found) == BitConverter.DoubleToInt64Bits(seen))
            {
                return;
            }

            seen = found;
        }
    }

    public void Count(int bucket, double measured)
    {
        Interlocked.Increment(ref buckets[bucket]);
        Add(measured);
    }

    public long[] Counts() => [.. buckets.Select((_, i) => Interlocked.Read(ref buckets[i]))];
}
