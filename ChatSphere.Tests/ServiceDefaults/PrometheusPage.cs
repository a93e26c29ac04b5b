using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatSphere.Tests.ServiceDefaults;

/// <summary>Reads the text exposition format 0.0.4 and refuses what Prometheus would refuse, and a little more.</summary>
internal sealed partial class PrometheusPage
{
    private readonly Dictionary<string, double> samples = new(StringComparer.Ordinal);

    private PrometheusPage()
    {
    }

    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Help { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> SeriesOf(string name) => samples.Keys.Where(key => key.StartsWith(name + "{", StringComparison.Ordinal));

    /// <summary>The value of one series, its labels as they are written.</summary>
    public double this[string name, string labels] => samples[$"{name}{{{labels}}}"];

    public static PrometheusPage Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var page = new PrometheusPage();
        string? family = null;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } help)
            {
                Assert.True(page.Help.TryAdd(help.Groups[1].Value, help.Groups[2].Value), $"Second HELP: {line}");
                continue;
            }

            if (TypeLine().Match(line) is { Success: true } type)
            {
                family = type.Groups[1].Value;
                Assert.True(page.Types.TryAdd(family, type.Groups[2].Value), $"Second TYPE, so the family is torn apart: {line}");
                Assert.True(page.Help.ContainsKey(family), $"No HELP before {line}");
                continue;
            }

            var sample = SampleLine().Match(line);
            Assert.True(sample.Success, $"Not a sample: {line}");
            var name = sample.Groups["name"].Value;
            string[] allowed = page.Types[family!] == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : [family!];
            Assert.Contains(name, allowed);
            string[] labels = [.. sample.Groups["label"].Captures.Select(c => c.Value)];
            Assert.Equal(labels.Distinct(), labels);
            Assert.True(page.samples.TryAdd(line[..line.LastIndexOf(' ')], Number(sample.Groups["value"].Value)), $"Second sample: {line}");
        }

        page.CheckHistograms();
        return page;
    }

    private void CheckHistograms()
    {
        foreach (var (count, total) in samples.Where(s => s.Key.Contains("_count{", StringComparison.Ordinal)))
        {
            var name = count[..count.IndexOf("_count{", StringComparison.Ordinal)];
            if (!Types.TryGetValue(name, out var type) || type != "histogram")
            {
                continue;
            }

            var labels = count[(count.IndexOf('{', StringComparison.Ordinal) + 1)..^1];
            var buckets = samples.Where(s => s.Key.StartsWith($"{name}_bucket{{{labels},le=", StringComparison.Ordinal)).Select(s => s.Value).ToList();
            Assert.Equal(buckets.Order(), buckets);
            Assert.Equal(total, samples[$"{name}_bucket{{{labels},le=\"+Inf\"}}"]);
            Assert.Contains($"{name}_sum{{{labels}}}", samples.Keys);
        }
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(\\[\\n"]|[^\\"\n])*"(,(?=[a-zA-Z_])|(?=\})))+\} (?<value>[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN)$""")]
    private static partial Regex SampleLine();
}
