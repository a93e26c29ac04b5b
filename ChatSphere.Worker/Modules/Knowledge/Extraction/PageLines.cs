using System.Text;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>Makes paragraphs of the lines of a printed page: joins what was broken to fit the page, also within hyphenated words, and keeps apart what looks like a list or a table.</summary>
internal static class PageLines
{
    // A line at least this full, compared to the longest of its paragraph, was broken by the page and not by its author.
    private const double FullLine = 0.6;

    public static void Compose(string page, PageComposer composer)
    {
        var paragraph = new List<string>();
        foreach (var line in page.Split('\n'))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                Add(paragraph, composer);
            }
            else
            {
                paragraph.Add(line.TrimEnd());
            }
        }

        Add(paragraph, composer);
    }

    private static void Add(List<string> lines, PageComposer composer)
    {
        if (lines.Count == 0)
        {
            return;
        }

        // Headings often stand directly above their text.
        if (PlainTextReader.NumberedHeading(lines[0]) is { } level && (lines.Count == 1 || lines[0].Length < lines[1].Length))
        {
            composer.Add(BlockKind.Heading, level, lines[0], stretches: false);
            lines.RemoveAt(0);
        }

        var longest = lines.Count == 0 ? 0 : lines.Max(l => l.Length);
        var text = new StringBuilder();
        var item = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (IsItem(line))
            {
                composer.Add(item ? BlockKind.ListItem : BlockKind.Paragraph, 0, text.ToString(), stretches: false);
                text.Clear();
                item = true;
            }

            if (text.Length > 0)
            {
                var previous = lines[i - 1];
                if (text.Length > 1 && text[^1] == '-' && char.IsLetter(text[^2]) && char.IsLower(line[0]))
                {
                    text.Length--;
                }
                else
                {
                    text.Append(longest >= 40 && previous.Length >= longest * FullLine ? ' ' : '\n');
                }
            }

            text.Append(line);
        }

        composer.Add(item ? BlockKind.ListItem : BlockKind.Paragraph, 0, text.ToString(), stretches: false);
        lines.Clear();
    }

    private static bool IsItem(string line) => line is ['•' or '‣' or '▪' or '◦' or '–' or '-' or '*', ' ', ..] && line.Length > 2;
}
