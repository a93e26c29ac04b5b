using System.Text.RegularExpressions;

namespace ChatSphere.Web.Text;

/// <summary>
/// A growing Markdown text, made to look the way it will. What the next characters decide (a marker at the start of a line, half a citation, a table without its
/// second line) waits for them; what is open (bold, code) is closed.
/// </summary>
internal static partial class Unfinished
{
    public static string Settle(string text)
    {
        if (InFence(text))
        {
            // Inside a fence every character is itself, but the last line may be the beginning of the fence's end.
            return FenceStart().Replace(FenceEnd().Replace(text, ""), "");
        }

        text = LoneMarker().Replace(text, "");
        text = HalfCitation().Replace(text, "");
        text = HalfTable().Replace(text, "$1");

        var paragraph = text.LastIndexOf("\n\n", StringComparison.Ordinal) is var gap && gap >= 0 ? text[(gap + 2)..] : text;
        var ticks = paragraph.Count('`') - (2 * CountOf(paragraph, "``"));
        if (ticks % 2 != 0)
        {
            return text.EndsWith('`') ? text[..^1] : text + "`";
        }

        if (CountOf(paragraph, "**") % 2 != 0)
        {
            return text.EndsWith("**", StringComparison.Ordinal) ? text[..^2] : text.TrimEnd('*', ' ') + "**";
        }

        return text;
    }

    private static bool InFence(string text)
    {
        string? open = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.TrimStart(' ');
            if (line.Length - trimmed.Length > 3)
            {
                continue;
            }

            if (open is null)
            {
                open = trimmed.StartsWith("```") ? "```" : trimmed.StartsWith("~~~") ? "~~~" : null;
            }
            else if (trimmed.StartsWith(open) && trimmed.TrimEnd().TrimStart(open[0]).IsEmpty)
            {
                open = null;
            }
        }

        return open is not null;
    }

    private static int CountOf(string text, string part)
    {
        var count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    [GeneratedRegex(@"\n {0,3}[`~]{1,2}$")]
    private static partial Regex FenceEnd();

    /// <summary>The line that opens a fence, while its language is still being written.</summary>
    [GeneratedRegex(@"(?:^|(?<=\n)) {0,3}(?:`{3,}|~{3,})[^\n]*$")]
    private static partial Regex FenceStart();

    /// <summary>A last line of nothing but marker characters: the start of a list, a heading, a fence, a rule.</summary>
    [GeneratedRegex(@"(?:^|(?<=\n))[ \t]*(?:[-*+#>=~`|_]+|\d{1,3}[.)]?)[ \t]*$")]
    private static partial Regex LoneMarker();

    [GeneratedRegex(@"\[[\d, ]{0,20}$")]
    private static partial Regex HalfCitation();

    /// <summary>A header line without the line of dashes below it, or with only part of that.</summary>
    [GeneratedRegex(@"(^|\n\n|\n(?=\|)(?<!\|[^\n]*\n))\|[^\n]*(?:\n[|:\- \t]*)?$")]
    private static partial Regex HalfTable();
}
