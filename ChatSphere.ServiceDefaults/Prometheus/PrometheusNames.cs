using System.Globalization;
using System.Text;

namespace ChatSphere.ServiceDefaults.Prometheus;

/// <summary>OpenTelemetry's rules for Prometheus names ("Prometheus and OpenMetrics Compatibility" in its specification).</summary>
internal static class PrometheusNames
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["KBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["m"] = "meters",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
        ["g"] = "grams",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["%"] = "percent",
    };

    private static readonly Dictionary<string, string> PerUnits = new(StringComparer.Ordinal)
    {
        ["s"] = "second",
        ["min"] = "minute",
        ["h"] = "hour",
        ["d"] = "day",
        ["w"] = "week",
        ["mo"] = "month",
        ["y"] = "year",
    };

    /// <summary><c>http.server.request.duration</c> in <c>s</c> is <c>http_server_request_duration_seconds</c>; counters end in <c>_total</c>.</summary>
    public static string Metric(string name, string? unit, PrometheusType type)
    {
        var result = Sanitize(name);
        if (type == PrometheusType.Counter && result.EndsWith("_total", StringComparison.Ordinal))
        {
            result = result[..^"_total".Length];
        }

        var suffix = unit == "1" && type == PrometheusType.Gauge ? "ratio" : Unit(unit);
        if (suffix.Length > 0 && !$"_{result}_".Contains($"_{suffix}_", StringComparison.Ordinal))
        {
            result = $"{result}_{suffix}";
        }

        return type == PrometheusType.Counter ? result + "_total" : result;
    }

    /// <summary>Sorted and escaped, without braces. Tags whose names become one label are joined, as the specification says, because a label may stand only once.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return "";
        }

        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = Label(key);
            var text = Text(value);
            labels[name] = labels.TryGetValue(name, out var present) ? $"{present};{text}" : text;
        }

        var written = new StringBuilder();
        foreach (var (name, text) in labels)
        {
            written.Append(written.Length > 0 ? "," : "").Append(name).Append("=\"").Append(Escape(text)).Append('"');
        }

        return written.ToString();
    }

    public static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Label(string key)
    {
        var written = new StringBuilder(key.Length + 1);
        foreach (var c in key)
        {
            written.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }

        if (written.Length == 0 || char.IsAsciiDigit(written[0]))
        {
            written.Insert(0, '_');
        }

        // Prometheus keeps "__…" to itself, histograms "le", and we write the meter's name ourselves.
        while (written.Length > 1 && written[0] == '_' && written[1] == '_')
        {
            written.Remove(0, 1);
        }

        var label = written.ToString();
        return label is "le" or "otel_scope_name" ? "tag_" + label : label;
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable many => string.Join(';', many.Cast<object?>().Select(Text)),
        _ => value.ToString() ?? "",
    };

    private static string Unit(string? unit)
    {
        // "{request}" and the like are annotations, no units.
        var bare = unit ?? "";
        while (bare.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open && bare.IndexOf('}', open) is >= 0 and var close)
        {
            bare = bare.Remove(open, close - open + 1);
        }

        bare = bare.Trim();
        if (bare is "" or "1")
        {
            return "";
        }

        if (bare.Split('/', 2) is [var of, var per])
        {
            var denominator = PerUnits.GetValueOrDefault(per.Trim(), Sanitize(per));
            return of.Length == 0 ? (denominator.Length > 0 ? "per_" + denominator : "") : $"{Units.GetValueOrDefault(of, Sanitize(of))}_per_{denominator}".TrimEnd('_');
        }

        return Units.GetValueOrDefault(bare, Sanitize(bare));
    }

    private static string Sanitize(string name)
    {
        var written = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == ':')
            {
                written.Append(c);
            }
            else if (written.Length > 0 && written[^1] != '_')
            {
                written.Append('_');
            }
        }

        if (written.Length > 0 && char.IsAsciiDigit(written[0]))
        {
            written.Insert(0, '_');
        }

        return written.ToString().TrimEnd('_');
    }
}
