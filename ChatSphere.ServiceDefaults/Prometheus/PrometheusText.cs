using System.Globalization;
using System.Text;

namespace ChatSphere.ServiceDefaults.Prometheus;

/// <summary>Text exposition format 0.0.4.</summary>
internal static class PrometheusText
{
    public static string Write(IReadOnlyList<MetricSnapshot> metrics)
    {
        var text = new StringBuilder();
        var families = metrics
            .Where(metric => metric.Series.Count > 0)
            .GroupBy(metric => PrometheusNames.Metric(metric.Name, metric.Unit, metric.Type), StringComparer.Ordinal)
            .OrderBy(family => family.Key, StringComparer.Ordinal);
        foreach (var family in families.Where(family => family.Key.Length > 0))
        {
            // One name has one type. Of instruments that disagree the first meter's wins, so that a scrape never fails as a whole.
            var members = family.OrderBy(metric => metric.Meter, StringComparer.Ordinal).ToList();
            var type = members[0].Type;
            var help = members.FirstOrDefault(metric => !string.IsNullOrWhiteSpace(metric.Description))?.Description ?? members[0].Name;
            text.Append("# HELP ").Append(family.Key).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n")).Append('\n');
            text.Append("# TYPE ").Append(family.Key).Append(' ').Append(Name(type)).Append('\n');
            var written = new HashSet<string>(StringComparer.Ordinal);
            foreach (var metric in members.Where(metric => metric.Type == type))
            {
                foreach (var series in metric.Series.OrderBy(series => series.Labels, StringComparer.Ordinal))
                {
                    var labels = $"otel_scope_name=\"{PrometheusNames.Escape(metric.Meter)}\"{(series.Labels.Length > 0 ? "," : "")}{series.Labels}";
                    if (written.Add(labels))
                    {
                        Write(text, family.Key, labels, series);
                    }
                }
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, string labels, SeriesSnapshot series)
    {
        if (series.Buckets is not { } buckets)
        {
            Line(text, name, "", labels, series.Value);
            return;
        }

        foreach (var (bound, count) in buckets)
        {
            Line(text, name, "_bucket", $"{labels},le=\"{Number(bound)}\"", count);
        }

        Line(text, name, "_sum", labels, series.Value);
        Line(text, name, "_count", labels, buckets[^1].Count);
    }

    private static void Line(StringBuilder text, string name, string suffix, string labels, double value) =>
        text.Append(name).Append(suffix).Append('{').Append(labels).Append("} ").Append(Number(value)).Append('\n');

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Name(PrometheusType type) => type switch
    {
        PrometheusType.Counter => "counter",
        PrometheusType.Gauge => "gauge",
        _ => "histogram",
    };
}
