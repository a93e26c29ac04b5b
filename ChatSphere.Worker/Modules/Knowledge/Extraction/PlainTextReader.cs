using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>Paragraphs between blank lines; headings where they are underlined or numbered, as manuals in plain text have them. Streams.</summary>
internal static partial class PlainTextReader
{
    // Longer "lines" are cut; there are files of one line.
    private const int MaxLine = 32_768;
    private const int MaxParagraph = 65_536;

    public static async IAsyncEnumerable<ExtractedPage> ReadAsync(Stream file, Encoding encoding, int maxCharacters, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var composer = new PageComposer(maxCharacters);
        var paragraph = new List<string>();
        var length = 0;
        using var reader = new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: true, 65_536, leaveOpen: true);
        await foreach (var line in LinesAsync(reader, cancellationToken))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                paragraph.Add(line);
                length += line.Length;
                if (length < MaxParagraph)
                {
                    continue;
                }
            }

            AddParagraph(composer, paragraph);
            length = 0;
            while (composer.TryTake(out var page))
            {
                yield return page;
            }
        }

        AddParagraph(composer, paragraph);
        composer.Complete();
        while (composer.TryTake(out var page))
        {
            yield return page;
        }

        if (composer.Ink == 0)
        {
            throw UnreadableDocumentException.Empty();
        }
    }

    /// <summary>The same for a text that is in memory already.</summary>
    internal static void AddAll(PageComposer composer, string text)
    {
        var paragraph = new List<string>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace())
            {
                AddParagraph(composer, paragraph);
            }
            else
            {
                paragraph.Add(line.ToString());
            }
        }

        AddParagraph(composer, paragraph);
    }

    private static void AddParagraph(PageComposer composer, List<string> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        if (lines is [var title, var rule, ..] && Underlined(title, rule) is { } level)
        {
            composer.Add(BlockKind.Heading, level, title);
            lines.RemoveRange(0, 2);
        }
        else if (lines is [var over, var framed, var under, ..] && Underlined(framed, under) is { } framedLevel && over.Trim() == under.Trim())
        {
            composer.Add(BlockKind.Heading, framedLevel, framed);
            lines.RemoveRange(0, 3);
        }
        else if (lines is [var single] && NumberedHeading(single) is { } depth)
        {
            composer.Add(BlockKind.Heading, depth, single);
            lines.Clear();
        }

        for (var i = 0; i < lines.Count;)
        {
            var start = i++;
            var item = Bullet().IsMatch(lines[start]);
            for (; i < lines.Count && !Bullet().IsMatch(lines[i]); i++)
            {
            }

            composer.Add(item ? BlockKind.ListItem : BlockKind.Paragraph, 0, string.Join('\n', lines[start..i]));
        }

        lines.Clear();
    }

    /// <summary>"2.3. Title" alone on its line: 2. Null for what only looks like one: sentences, entries of a table of contents, numbers.</summary>
    internal static int? NumberedHeading(string line)
    {
        var text = line.Trim();
        if (text.Length is < 4 or > 100 || !Numbered().IsMatch(text) || TrailingPageNumber().IsMatch(text) || text[^1] is '.' or ',' or ';' or ':')
        {
            return null;
        }

        var number = text.AsSpan(0, text.IndexOf(' '));
        var depth = number.TrimEnd('.').Count('.') + 1;

        // "4. Something" is an item of a list more often than not.
        return depth == 1 && (text.Length > 60 || char.IsWhiteSpace(line[0])) ? null : Math.Min(6, depth);
    }

    private static int? Underlined(string title, string rule)
    {
        var line = rule.Trim();
        var text = title.Trim();
        if (line.Length < 3 || text.Length is 0 or > 160 || line.AsSpan().ContainsAnyExcept(line[0]) || Math.Abs(line.Length - text.Length) > 3 || !char.IsLetterOrDigit(text[0]))
        {
            return null;
        }

        return line[0] switch { '=' or '*' or '#' => 1, '-' => 2, '~' => 3, '^' or '"' => 4, _ => null };
    }

    private static async IAsyncEnumerable<string> LinesAsync(StreamReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new char[16_384];
        var line = new StringBuilder();
        for (int read; (read = await reader.ReadBlockAsync(buffer, cancellationToken)) > 0;)
        {
            for (var position = 0; position < read;)
            {
                var newline = buffer.AsSpan(position, read - position).IndexOf('\n');
                var taken = newline < 0 ? read - position : newline;
                line.Append(buffer, position, taken);
                position += taken + 1;
                if (newline >= 0 || line.Length >= MaxLine)
                {
                    // Never between the halves of a surrogate pair.
                    var whole = newline < 0 && char.IsHighSurrogate(line[^1]) ? line.Length - 1 : line.Length;
                    yield return line.ToString(0, whole).TrimEnd('\r');
                    line.Remove(0, whole);
                }
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    [GeneratedRegex(@"\A(\d{1,3}\.(\d{1,3}\.?){0,5}|[A-Z]\.(\d{1,3}\.?){1,5}|\d{1,3}(\.\d{1,3}){1,5}) +\p{Lu}")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"(\. ?){3,}|\s\d+$")]
    private static partial Regex TrailingPageNumber();

    [GeneratedRegex(@"^\s*([-*+•‣▪]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+\S")]
    private static partial Regex Bullet();
}
