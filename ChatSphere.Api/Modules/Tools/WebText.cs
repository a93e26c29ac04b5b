using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using ChatSphere.ServiceDefaults.Outbound;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>The text of an answer from the web, as a reader sees it: without scripts, styles, navigation, and what is hidden. Links lose their addresses.</summary>
internal static class WebText
{
    // The parser's own limit on nesting is none, and walking is done by recursion.
    private const int MaxDepth = 200;
    private const int MaxLength = 60_000;

    private static readonly HashSet<string> Skipped =
        ["script", "style", "noscript", "template", "nav", "svg", "math", "canvas", "iframe", "object", "embed", "audio", "video", "button", "select", "textarea", "input", "head", "dialog", "menu", "form", "footer"];

    private static readonly HashSet<string> Blocks =
    [
        "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
        "section", "summary", "table", "tr", "ul", "br",
    ];

    public static string Of(OutboundResult.Fetched fetched)
    {
        var text = Decode(fetched);
        return fetched.ContentType?.MediaType is "text/html" or "application/xhtml+xml" ? OfHtml(text) : text;
    }

    public static string OfHtml(string source)
    {
        using var document = new HtmlParser().ParseDocument(source);
        var text = new StringBuilder();
        if (document.Title is { Length: > 0 } title)
        {
            text.Append(title.Trim()).Append("\n\n");
        }

        var main = document.QuerySelectorAll("main, [role=main]");
        if ((main.Length == 1 ? main[0] : document.Body) is { } start)
        {
            Walk(start, text, 0);
        }

        return Tidy(text.ToString());
    }

    private static string Decode(OutboundResult.Fetched fetched)
    {
        try
        {
            var name = fetched.ContentType?.CharSet?.Trim('"');
            return (string.IsNullOrEmpty(name) ? Encoding.UTF8 : Encoding.GetEncoding(name)).GetString(fetched.Body);
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8.GetString(fetched.Body);
        }
    }

    private static void Walk(INode node, StringBuilder text, int depth)
    {
        for (var child = node.FirstChild; child is not null && text.Length < MaxLength; child = child.NextSibling)
        {
            if (child is IText words)
            {
                text.Append(words.Data);
            }
            else if (child is IElement element && depth < MaxDepth && !IsSkipped(element))
            {
                var isBlock = Blocks.Contains(element.LocalName);
                text.Append(isBlock ? element.LocalName is "li" ? "\n- " : "\n" : element.LocalName is "td" or "th" ? " | " : "");
                Walk(element, text, depth + 1);
                text.Append(isBlock ? "\n" : "");
            }
        }
    }

    private static bool IsSkipped(IElement element) =>
        Skipped.Contains(element.LocalName) || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true"
        || (element.GetAttribute("style") is { } style && (style.Contains("display:none", StringComparison.OrdinalIgnoreCase) || style.Contains("display: none", StringComparison.OrdinalIgnoreCase)));

    private static string Tidy(string text)
    {
        var tidy = new StringBuilder(text.Length);
        var blank = 0;
        foreach (var line in text.Split('\n'))
        {
            var words = string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            blank = words.Length == 0 ? blank + 1 : 0;
            if (blank < 2)
            {
                tidy.Append(words).Append('\n');
            }
        }

        return tidy.ToString().Trim();
    }
}
