using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>
/// Makes paragraphs of the lines of printed pages: joins what was broken to fit the page, also within hyphenated words, keeps apart what looks like a list or a table, and
/// leaves out page numbers and the lines that stand at the edge of every page. One instance per document, pages in order.
/// </summary>
internal sealed partial class PageLines
{
    // A line at least this full, compared to the longest of its paragraph, was broken by the page and not by its author.
    private const double FullLine = 0.6;

    // An edge line seen on this many pages before is the page's and not the text's.
    private const int SeenOften = 2;
    private const int MaxRemembered = 2_000;

    private readonly Dictionary<string, int> _edges = [];

    public void Compose(string page, PageComposer composer)
    {
        var lines = page.Split('\n').Select(l => l.TrimEnd()).ToList();
        RemoveEdges(lines);
        var last = lines.FindLastIndex(l => l.Length > 0);
        var paragraph = new List<string>();
        for (var i = 0; i <= last; i++)
        {
            if (lines[i].Length > 0)
            {
                paragraph.Add(lines[i]);
            }
            else
            {
                Add(paragraph, composer, isLast: false);
            }
        }

        Add(paragraph, composer, isLast: true);
    }

    private void RemoveEdges(List<string> lines)
    {
        var filled = Enumerable.Range(0, lines.Count).Where(i => lines[i].Length > 0).ToList();
        foreach (var i in filled.Take(2).Concat(filled.Skip(Math.Max(2, filled.Count - 3))))
        {
            var line = lines[i].Trim();
            if (line.Length > 120)
            {
                continue;
            }

            if (PageNumber().IsMatch(line))
            {
                lines[i] = "";
                continue;
            }

            var key = Digits().Replace(line, "0");
            var seen = _edges.GetValueOrDefault(key);
            if (seen > 0 || _edges.Count < MaxRemembered)
            {
                _edges[key] = seen + 1;
            }

            if (seen >= SeenOften)
            {
                lines[i] = "";
            }
        }
    }

    private static void Add(List<string> lines, PageComposer composer, bool isLast)
    {
        if (lines.Count == 0)
        {
            return;
        }

        if (IsContents(lines))
        {
            composer.Add(BlockKind.Contents, 0, Leaders().Replace(string.Join('\n', lines), " … "), stretches: false);
            lines.Clear();
            return;
        }

        var longest = lines.Max(l => l.Length);
        var text = new StringBuilder();
        var item = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();

            // Headings often stand right between the lines of text. A full line that begins like one is text; and at a page's end stands no heading, but the
            // section's name as a running foot.
            if (PlainTextReader.NumberedHeading(line) is { } level and > 1 && (i == 0 || line.Length < longest * FullLine) && (i < lines.Count - 1 || !isLast))
            {
                composer.Add(item ? BlockKind.ListItem : BlockKind.Paragraph, 0, text.ToString(), stretches: false);
                text.Clear();
                item = false;
                composer.Add(BlockKind.Heading, level, line, stretches: false);
                continue;
            }

            if (IsItem(line))
            {
                composer.Add(item ? BlockKind.ListItem : BlockKind.Paragraph, 0, text.ToString(), stretches: false);
                text.Clear();
                item = true;
            }

            if (text.Length > 0)
            {
                if (text.Length > 1 && text[^1] == '-' && char.IsLetter(text[^2]) && char.IsLower(line[0]))
                {
                    text.Length--;
                }
                else
                {
                    text.Append(longest >= 40 && lines[i - 1].Length >= longest * FullLine ? ' ' : '\n');
                }
            }

            text.Append(line);
        }

        composer.Add(item ? BlockKind.ListItem : BlockKind.Paragraph, 0, text.ToString(), stretches: false);
        lines.Clear();
    }

    /// <summary>Dotted leaders, or the column of page numbers that belongs to them.</summary>
    private static bool IsContents(List<string> lines) =>
        lines.Count(l => Leaders().IsMatch(l)) * 2 >= lines.Count || (lines.Count >= 3 && lines.TrueForAll(l => PageNumber().IsMatch(l.Trim())));

    private static bool IsItem(string line) => line is ['•' or '‣' or '▪' or '◦' or '–' or '-' or '*', ' ', ..] && line.Length > 2;

    [GeneratedRegex(@"^(\d{1,5}|[ivxlc]{1,7}|[-–] ?\d{1,5} ?[-–])$", RegexOptions.IgnoreCase)]
    private static partial Regex PageNumber();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"(\. ){4,}\.?|\.{5,}")]
    private static partial Regex Leaders();
}
