namespace ChatSphere.AI.Chat.Citations;

/// <summary>Start and end within the text it was found in, trimmed of white space.</summary>
internal readonly record struct Span(int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>
/// Finds sentences without knowing the language: they end at . ! ? and their kin in other scripts, at an empty line, and before a list item, a heading or a table row,
/// because documents are not prose alone. A single line end does not end a sentence: PDF text wraps. Nothing is changed, so a span is a slice of the text.
/// </summary>
internal static class Sentences
{
    /// <summary>A table or a log without any full stop is cut at white space, so that one "sentence" stays something a person can read.</summary>
    private const int Longest = 600;

    public static List<Span> Of(string text)
    {
        var spans = new List<Span>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var end = 0;
            if (text[i] == '\n' && BreaksLine(text, i))
            {
                end = i;
            }
            else if (IsEnd(text, i))
            {
                end = i + 1;
                while (end < text.Length && (IsTerminator(text[end]) || IsCloser(text[end])))
                {
                    end++;
                }

                if (text[i] is '.' or '!' or '?' && end < text.Length && !char.IsWhiteSpace(text[end]))
                {
                    end = 0;
                }
            }

            if (end > 0)
            {
                Add(text, start, end, spans);
                start = end;
                i = Math.Max(i, end - 1);
            }
        }

        Add(text, start, text.Length, spans);
        return spans;
    }

    public static Span Trim(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return new(start, end);
    }

    private static void Add(string text, int start, int end, List<Span> spans)
    {
        var span = Trim(text, start, end);
        while (span.Length > Longest)
        {
            var cut = text.LastIndexOfAny([' ', '\n', '\t'], span.Start + Longest, Longest / 2);
            if (cut < 0)
            {
                cut = span.Start + Longest;
                cut -= char.IsLowSurrogate(text[cut]) ? 1 : 0;
            }

            spans.Add(Trim(text, span.Start, cut));
            span = Trim(text, cut, span.End);
        }

        if (span.Length > 0)
        {
            spans.Add(span);
        }
    }

    private static bool IsTerminator(char c) => c is '.' or '!' or '?' or '…' or '。' or '！' or '？' or '｡' or '।' or '؟' or '۔' or '։' or '።';

    private static bool IsCloser(char c) => c is '"' or '\'' or ')' or ']' or '”' or '’' or '»' or '」' or '』' or '）' or '】';

    private static bool IsEnd(string text, int i)
    {
        if (!IsTerminator(text[i]))
        {
            return false;
        }

        if (text[i] != '.')
        {
            return true;
        }

        // "e.g.", "z. B.", "J. Smith": one letter before the stop. "approx. five": a small letter after it. "1. First": the number of a list item.
        var wordStart = i;
        while (wordStart > 0 && char.IsLetterOrDigit(text[wordStart - 1]))
        {
            wordStart--;
        }

        if (i - wordStart == 1 && char.IsLetter(text[wordStart]) || i > wordStart && IsLineStart(text, wordStart) && text.AsSpan(wordStart, i - wordStart).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            return false;
        }

        var next = i + 1;
        while (next < text.Length && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        return next >= text.Length || !char.IsLower(text[next]);
    }

    private static bool IsLineStart(string text, int at)
    {
        while (at > 0 && text[at - 1] is ' ' or '\t')
        {
            at--;
        }

        return at == 0 || text[at - 1] == '\n';
    }

    private static bool BreaksLine(string text, int newline)
    {
        var lineStart = text.LastIndexOf('\n', Math.Max(0, newline - 1)) + 1;
        if (newline > 0 && lineStart <= newline && text.AsSpan(Math.Min(lineStart, newline), Math.Max(0, newline - lineStart)).TrimStart() is { Length: > 0 } line && line[0] is '#' or '|')
        {
            return true;
        }

        var next = newline + 1;
        while (next < text.Length && text[next] is ' ' or '\t' or '\r')
        {
            next++;
        }

        if (next >= text.Length || text[next] is '\n' or '#' or '|' or '•' or '–' or '`' or '~')
        {
            return true;
        }

        if (text[next] is '-' or '*' or '+')
        {
            return next + 1 < text.Length && text[next + 1] is ' ' or '\t' or '-' or '*';
        }

        var digits = next;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]) && digits - next < 4)
        {
            digits++;
        }

        return digits > next && digits + 1 < text.Length && text[digits] is '.' or ')' && text[digits + 1] == ' ';
    }
}
