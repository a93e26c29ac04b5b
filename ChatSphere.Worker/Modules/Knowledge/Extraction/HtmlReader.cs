using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>HTML as people read it: no scripts, styles or navigation; headings, lists, tables and preformatted text as such.</summary>
internal static partial class HtmlReader
{
    // Deeper than any page by hand or tool; parsing and walking cost more than linear time in it.
    private const int MaxDepth = 500;

    private static readonly HashSet<string> Skipped =
        ["script", "style", "noscript", "template", "nav", "svg", "math", "canvas", "iframe", "object", "embed", "audio", "video", "button", "select", "textarea", "input", "head", "dialog", "menu"];

    private static readonly HashSet<string> Blocks =
    [
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    ];

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" \t\r\n\f/>");

    // Their end tags may be left out, and their beginnings end one another, so they do not count as depth.
    private static readonly HashSet<string> Flat =
    [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "option", "optgroup", "rp", "rt", "body", "html", "head",
    ];

    public static IEnumerable<ExtractedPage> Read(string source, int maxCharacters, CancellationToken cancellationToken)
    {
        var composer = new PageComposer(maxCharacters);
        if (IsTooDeep(source))
        {
            PlainTextReader.AddAll(composer, StripTags(source));
        }
        else
        {
            using var document = new HtmlParser().ParseDocument(source);
            cancellationToken.ThrowIfCancellationRequested();
            var walk = new Walk(composer);
            var start = MainPart(document);
            if (document.Title is { Length: > 0 } title && start?.QuerySelector("h1") is null)
            {
                composer.Add(BlockKind.Heading, 1, title);
            }

            if (start is not null)
            {
                walk.Children(start);
                walk.End();
            }
        }

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

    /// <summary>The paragraphs of a fragment, for Markdown with HTML in it.</summary>
    public static IEnumerable<string> Texts(string fragment)
    {
        if (IsTooDeep(fragment))
        {
            return [StripTags(fragment)];
        }

        var composer = new PageComposer(int.MaxValue);
        using var document = new HtmlParser().ParseDocument(fragment);
        var walk = new Walk(composer);
        if (document.Body is not null)
        {
            walk.Children(document.Body);
            walk.End();
        }

        composer.Complete();
        var texts = new List<string>();
        while (composer.TryTake(out var page))
        {
            texts.AddRange(page.Blocks.Select(b => page.Text[(b.Start - page.Start)..(b.End - page.Start)]));
        }

        return texts;
    }

    /// <summary>What the author marks as the main part, if it is most of the page's words.</summary>
    private static IElement? MainPart(AngleSharp.Html.Dom.IHtmlDocument document)
    {
        var body = document.Body;
        var marked = document.QuerySelectorAll("main, [role=main]");
        return body is not null && marked.Length == 1 && marked[0].TextContent.Length * 3 > body.TextContent.Length ? marked[0] : body;
    }

    private static bool IsTooDeep(string source)
    {
        var depth = 0;
        foreach (var tag in Tag().EnumerateMatches(source))
        {
            var text = source.AsSpan(tag.Index, tag.Length);
            var closing = text[1] == '/';
            var name = text[(closing ? 2 : 1)..];
            var end = name.IndexOfAny(NameEnds);
            if (Flat.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name[..(end < 0 ? name.Length : end)]) || text.EndsWith("/>"))
            {
                continue;
            }

            depth = closing ? Math.Max(0, depth - 1) : depth + 1;
            if (depth > MaxDepth)
            {
                return true;
            }
        }

        return false;
    }

    private static string StripTags(string source) => System.Net.WebUtility.HtmlDecode(Tag().Replace(Invisible().Replace(source, " "), " "));

    [GeneratedRegex(@"</?[a-zA-Z][^<>]{0,4000}>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"<script\b[^>]*>[\s\S]*?</script>|<style\b[^>]*>[\s\S]*?</style>|<!--[\s\S]*?-->", RegexOptions.IgnoreCase)]
    private static partial Regex Invisible();

    private sealed class Walk(PageComposer composer)
    {
        private readonly StringBuilder _line = new();
        private readonly Stack<int?> _lists = [];
        private BlockKind _kind = BlockKind.Paragraph;
        private string _prefix = "";

        public void Children(INode node)
        {
            for (var child = node.FirstChild; child is not null; child = child.NextSibling)
            {
                switch (child)
                {
                    case IText text:
                        Collapse(text.Data);
                        break;
                    case IElement element when !IsSkipped(element):
                        Element(element);
                        break;
                    default:
                        break;
                }
            }
        }

        /// <summary>What has come together is a block.</summary>
        public void End()
        {
            var text = _line.ToString().Trim();
            _line.Clear();
            if (text.Length > 0)
            {
                composer.Add(_kind, 0, _prefix + text);
                _prefix = "";
                _kind = BlockKind.Paragraph;
            }
        }

        private void Element(IElement element)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var name = element.LocalName;
            if (!Blocks.Contains(name))
            {
                if (name == "br")
                {
                    _line.Append('\n');
                }
                else if (name == "img" && element.GetAttribute("alt") is { Length: > 0 } alternative)
                {
                    Collapse(alternative);
                }
                else
                {
                    Children(element);
                }

                return;
            }

            End();
            switch (name)
            {
                case ['h', >= '1' and <= '6']:
                    composer.Add(BlockKind.Heading, name[1] - '0', InlineText(element));
                    return;
                case "pre":
                    composer.Add(BlockKind.Code, 0, element.TextContent);
                    return;
                case "table" when IsData(element):
                    Table(element);
                    return;
                case "ul":
                    _lists.Push(null);
                    break;
                case "ol":
                    _lists.Push(int.TryParse(element.GetAttribute("start"), out var start) ? start : 1);
                    break;
                case "li":
                    _kind = BlockKind.ListItem;
                    _prefix = NextPrefix();
                    break;
                case "dd":
                    _kind = BlockKind.ListItem;
                    _prefix = "  ";
                    break;
                default:
                    break;
            }

            Children(element);
            End();
            if (name is "ul" or "ol")
            {
                _lists.Pop();
            }
            else if (name is "li" or "dd")
            {
                (_kind, _prefix) = (BlockKind.Paragraph, "");
            }
        }

        private string NextPrefix()
        {
            if (!_lists.TryPop(out var number) || number is null)
            {
                _lists.Push(null);
                return "- ";
            }

            _lists.Push(number + 1);
            return $"{number}. ";
        }

        private void Table(IElement table)
        {
            var first = true;
            foreach (var row in table.QuerySelectorAll("tr"))
            {
                if (row.Closest("table") != table)
                {
                    continue;
                }

                var cells = row.Children.Where(c => c.LocalName is "td" or "th").ToList();
                var header = first && cells.Count > 0 && cells.TrueForAll(c => c.LocalName == "th");
                composer.Add(header ? BlockKind.TableHeader : BlockKind.TableRow, 0, string.Join(" | ", cells.Select(InlineText)));
                first = false;
            }
        }

        /// <summary>A table that only arranges a page has blocks in its cells.</summary>
        private static bool IsData(IElement table) =>
            table.GetAttribute("role") is not ("presentation" or "none") && table.QuerySelector("table, h1, h2, h3, pre, ul, ol, div p, td p + p") is null;

        private static bool IsSkipped(IElement element) =>
            Skipped.Contains(element.LocalName)
            || element.HasAttribute("hidden")
            || element.GetAttribute("aria-hidden") == "true"
            || element.GetAttribute("role") is "navigation" or "search" or "banner" or "contentinfo" or "menu" or "menubar" or "complementary"
            || (element.LocalName == "footer" && element.ParentElement?.LocalName == "body")
            // The sign beside headings that links to themselves.
            || (element.LocalName == "a" && element.ClassList.Contains("headerlink"));

        private static string InlineText(IElement element)
        {
            var text = new StringBuilder();
            foreach (var node in element.Descendants<IText>())
            {
                if (node.ParentElement is { } parent && !IsSkipped(parent))
                {
                    text.Append(node.Data);
                }
            }

            return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }

        private void Collapse(string text)
        {
            foreach (var c in text)
            {
                // No-break spaces too: nobody searches for them.
                if (!char.IsWhiteSpace(c))
                {
                    _line.Append(c);
                }
                else if (_line.Length > 0 && !char.IsWhiteSpace(_line[^1]))
                {
                    _line.Append(' ');
                }
            }
        }
    }
}
