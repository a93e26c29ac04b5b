using System.Globalization;
using System.Text;

namespace ChatSphere.AI.Chat.Citations;

/// <param name="Start">Of the opening bracket.</param>
/// <param name="Numbers">In the order written; at least one.</param>
public sealed record CitationMarker(int Start, int Length, IReadOnlyList<int> Numbers)
{
    public int End => Start + Length;
}

/// <summary>
/// The <c>[1]</c>, <c>[1][2]</c> and <c>[1, 2]</c> of an answer. What looks the same and is none: inside code spans and fences, escaped (<c>\[1]</c>), the text of a
/// Markdown link (<c>[1](…)</c>, <c>[1][ref]</c> cannot be told from two markers and counts as one), a link definition (<c>[1]: …</c> at a line's start), a footnote (<c>[^1]</c>), a year (<c>[2024]</c>).
/// </summary>
public static class CitationMarkers
{
    public static IReadOnlyList<CitationMarker> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var markers = new List<CitationMarker>();
        if (!text.Contains('['))
        {
            return markers;
        }

        var code = CodeSpans(text);
        var inCode = 0;
        for (var i = text.IndexOf('['); i >= 0; i = text.IndexOf('[', i + 1))
        {
            while (inCode < code.Count && code[inCode].End <= i)
            {
                inCode++;
            }

            if (inCode < code.Count && code[inCode].Start <= i || IsEscaped(text, i) || Read(text, i) is not { } marker)
            {
                continue;
            }

            var next = marker.End < text.Length ? text[marker.End] : '\0';
            if (next == '(' || next == ':' && OpensLine(text, i))
            {
                continue;
            }

            markers.Add(marker);
            i = marker.End - 1;
        }

        return markers;
    }

    /// <summary>The text without the numbers that lead nowhere: <c>[1, 9]</c> becomes <c>[1]</c>, and <c>so it is [9].</c> becomes <c>so it is.</c></summary>
    public static string RemoveUnknown(string text, IEnumerable<int> known)
    {
        var numbers = known.ToHashSet();
        var markers = Find(text);
        if (markers.All(m => m.Numbers.All(numbers.Contains)))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        var at = 0;
        foreach (var marker in markers)
        {
            clean.Append(text, at, marker.Start - at);
            at = marker.End;
            var kept = marker.Numbers.Where(numbers.Contains).ToList();
            if (kept.Count == marker.Numbers.Count)
            {
                clean.Append(text, marker.Start, marker.Length);
            }
            else if (kept.Count > 0)
            {
                clean.Append('[').AppendJoin(", ", kept).Append(']');
            }
            else if (clean.Length > 0 && clean[^1] == ' ' && (at >= text.Length || !char.IsLetterOrDigit(text[at])))
            {
                clean.Length--;
            }
        }

        return clean.Append(text, at, text.Length - at).ToString();
    }

    private static CitationMarker? Read(string text, int open)
    {
        var numbers = new List<int>();
        var i = open + 1;
        while (true)
        {
            i = SkipSpaces(text, i);
            var start = i;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
            {
                i++;
            }

            if (i - start is < 1 or > 3 || text[start] == '0')
            {
                return null;
            }

            numbers.Add(int.Parse(text.AsSpan(start, i - start), CultureInfo.InvariantCulture));
            i = SkipSpaces(text, i);
            if (i >= text.Length || text[i] is not (',' or ';' or ']'))
            {
                return null;
            }

            if (text[i++] == ']')
            {
                return new(open, i - open, numbers);
            }
        }

        static int SkipSpaces(string text, int i)
        {
            while (i < text.Length && text[i] == ' ')
            {
                i++;
            }

            return i;
        }
    }

    private static bool IsEscaped(string text, int at)
    {
        var slashes = 0;
        while (at > slashes && text[at - slashes - 1] == '\\')
        {
            slashes++;
        }

        return slashes % 2 == 1;
    }

    private static bool OpensLine(string text, int at) => at == 0 || text.AsSpan(0, at).TrimEnd(' ') is var before && (before.Length == 0 || before[^1] == '\n');

    /// <summary>Fenced blocks, open ones to the end of the text as a Markdown reader has it, and spans in backticks within a paragraph; in order.</summary>
    private static List<Span> CodeSpans(string text)
    {
        var spans = new List<Span>();
        if (!text.Contains('`') && !text.Contains("~~~", StringComparison.Ordinal))
        {
            return spans;
        }

        var paragraph = 0;
        for (var line = 0; line < text.Length;)
        {
            var end = text.IndexOf('\n', line) is var n and >= 0 ? n + 1 : text.Length;
            if (Fence(text.AsSpan(line, end - line)) is { Length: > 0 } fence)
            {
                Inline(text, paragraph, line, spans);
                var close = end;
                while (close < text.Length)
                {
                    var closeEnd = text.IndexOf('\n', close) is var m and >= 0 ? m + 1 : text.Length;
                    var candidate = text.AsSpan(close, closeEnd - close);
                    close = closeEnd;
                    if (Fence(candidate) is { } closing && closing.Length >= fence.Length && closing[0] == fence[0] && candidate.Trim().TrimStart(fence[0]).IsEmpty)
                    {
                        break;
                    }
                }

                spans.Add(new(line, close));
                paragraph = end = close;
            }
            else if (text.AsSpan(line, end - line).IsWhiteSpace())
            {
                Inline(text, paragraph, line, spans);
                paragraph = end;
            }

            line = end;
        }

        Inline(text, paragraph, text.Length, spans);
        return spans;
    }

    private static string? Fence(ReadOnlySpan<char> line)
    {
        var content = line.TrimStart(' ');
        if (line.Length - content.Length > 3 || content.Length < 3 || content[0] is not ('`' or '~'))
        {
            return null;
        }

        var length = content.IndexOfAnyExcept(content[0]) is var l and >= 0 ? l : content.Length;

        // ```code``` on one line is a span, not a fence.
        return length < 3 || content[0] == '`' && content[length..].Contains('`') ? null : new string(content[0], length);
    }

    private static void Inline(string text, int start, int end, List<Span> spans)
    {
        for (var i = start; i < end;)
        {
            if (text[i] != '`' || IsEscaped(text, i))
            {
                i++;
                continue;
            }

            var ticks = Run(text, i, end);
            var close = i + ticks;
            while (close < end)
            {
                if (text[close] != '`')
                {
                    close++;
                    continue;
                }

                var run = Run(text, close, end);
                close += run;
                if (run == ticks)
                {
                    spans.Add(new(i, close));
                    ticks = close - i;
                    break;
                }
            }

            i += ticks;
        }

        static int Run(string text, int at, int end)
        {
            var i = at;
            while (i < end && text[i] == '`')
            {
                i++;
            }

            return i - at;
        }
    }
}
