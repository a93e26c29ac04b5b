using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data.Bots;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>What is different in two versions, setting by setting, and line by line where a text has lines.</summary>
internal static class SettingDiffs
{
    /// <summary>Of two texts without any line in common; beyond it the texts stand as they are.</summary>
    private const int MostCells = 4_000_000;

    private const int Context = 3;

    public static IReadOnlyList<SettingDiff> Of(BotSettings before, BotSettings after)
    {
        var (old, changed) = (before.ToNode(), after.ToNode());
        var diffs = new List<SettingDiff>();
        foreach (var name in old.Select(p => p.Key))
        {
            if (!JsonNode.DeepEquals(old[name], changed[name]))
            {
                var lines = old[name] is JsonValue a && a.GetValueKind() == JsonValueKind.String && changed[name] is JsonValue b && b.GetValueKind() == JsonValueKind.String
                    && name is "instructions" or "greeting" ? Lines(a.GetValue<string>(), ((JsonValue)changed[name]!).GetValue<string>()) : null;
                diffs.Add(new SettingDiff(name, Element(old[name]), Element(changed[name]), lines));
            }
        }

        return diffs;
    }

    /// <summary>Null when they are too long to compare.</summary>
    public static IReadOnlyList<DiffLine>? Lines(string before, string after)
    {
        var (a, b) = (Split(before), Split(after));
        var head = 0;
        while (head < a.Length && head < b.Length && a[head] == b[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < a.Length - head && tail < b.Length - head && a[^(tail + 1)] == b[^(tail + 1)])
        {
            tail++;
        }

        var (rows, columns) = (a.Length - head - tail, b.Length - head - tail);
        if ((long)rows * columns > MostCells)
        {
            return null;
        }

        // The longest common subsequence of what is between the common beginning and the common end.
        var longest = new int[rows + 1, columns + 1];
        for (var i = rows - 1; i >= 0; i--)
        {
            for (var j = columns - 1; j >= 0; j--)
            {
                longest[i, j] = a[head + i] == b[head + j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            }
        }

        var lines = new List<DiffLine>(a.Take(head).Select(l => new DiffLine("same", l)));
        for (int i = 0, j = 0; i < rows || j < columns;)
        {
            if (i < rows && j < columns && a[head + i] == b[head + j])
            {
                lines.Add(new DiffLine("same", a[head + i]));
                (i, j) = (i + 1, j + 1);
            }
            else if (i < rows && (j == columns || longest[i + 1, j] >= longest[i, j + 1]))
            {
                lines.Add(new DiffLine("removed", a[head + i++]));
            }
            else
            {
                lines.Add(new DiffLine("added", b[head + j++]));
            }
        }

        lines.AddRange(a[^tail..].Select(l => new DiffLine("same", l)));
        return Folded(lines);
    }

    /// <summary>Long stretches that are the same become one line that says how many.</summary>
    private static List<DiffLine> Folded(List<DiffLine> lines)
    {
        var near = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Kind != "same")
            {
                Array.Fill(near, true, Math.Max(0, i - Context), Math.Min(lines.Count, i + Context + 1) - Math.Max(0, i - Context));
            }
        }

        var folded = new List<DiffLine>();
        for (var i = 0; i < lines.Count;)
        {
            var from = i;
            while (i < lines.Count && !near[i])
            {
                i++;
            }

            if (i - from > 1)
            {
                folded.Add(new DiffLine("skipped", FormattableString.Invariant($"{i - from}")));
            }
            else if (i > from)
            {
                folded.Add(lines[from]);
            }

            if (i < lines.Count)
            {
                folded.Add(lines[i++]);
            }
        }

        return folded;
    }

    private static string[] Split(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").Split('\n');

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
