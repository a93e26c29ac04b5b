using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatSphere.Web.Text;

/// <summary>
/// Markdown that nobody has vouched for, as HTML that can do nothing: no raw HTML, no images, no links to click, so an answer can neither run anything
/// nor carry anything away. Addresses stay readable as text. <c>[1]</c> becomes a chip when 1 is one of the answer's sources.
/// </summary>
public static partial class SafeMarkdown
{
    private const int LongestText = 200_000;
    private const int MostDelimiters = 20_000;

    private static readonly MarkdownPipeline Pipeline = Build();

    /// <returns>One HTML string per top-level block, so that a growing answer only sends its last block again.</returns>
    /// <param name="isSource">Whether a number is one of the answer's sources.</param>
    /// <param name="growing">The text is still being written: what may yet turn into something else is held back, so that nothing flickers.</param>
    public static IReadOnlyList<string> Render(string text, Func<int, bool> isSource, bool growing = false)
    {
        if (growing)
        {
            text = Unfinished.Settle(text);
        }

        if (IsExcessive(text))
        {
            return [Plain(text)];
        }

        try
        {
            var document = Markdown.Parse(text, Pipeline);
            Citations.Mark(document, isSource);
            var blocks = new List<string>(document.Count);
            foreach (var block in document)
            {
                using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
                var renderer = new InertRenderer(writer);
                renderer.Render(block);
                writer.Flush();
                if (writer.GetStringBuilder().Length > 0)
                {
                    blocks.Add(writer.ToString());
                }
            }

            return blocks;
        }
        catch (ArgumentException)
        {
            // Markdig's own limit on nesting.
            return [Plain(text)];
        }
    }

    /// <summary>Characters that reorder the text around them can make an address or a line of code read as another; they are dropped.</summary>
    internal static string WithoutBidiControls(string text) => BidiControls().Replace(text, "");

    private static string Plain(string text) => $"<p class=\"plain\">{WebUtility.HtmlEncode(WithoutBidiControls(text))}</p>";

    /// <summary>Text that is built to be slow. Parsing is linear in ordinary text; these are what it is not linear in.</summary>
    private static bool IsExcessive(string text)
    {
        if (text.Length > LongestText)
        {
            return true;
        }

        int delimiters = 0, run = 0, pipes = 0, deep = 0, lineMarkers = 0;
        var atStart = true;
        foreach (var c in text)
        {
            if (c == '\n')
            {
                atStart = true;
                deep = Math.Max(deep, lineMarkers);
                lineMarkers = 0;
                run = 0;
                continue;
            }

            if (atStart && c is '>' or '-' or '*' or '+')
            {
                lineMarkers++;
            }
            else if (c is not ' ' and not '\t')
            {
                atStart = false;
            }

            if (c is '*' or '_' or '`' or '[' or ']' or '~' or '<' or '!' or '(' or '&' or '\\')
            {
                delimiters++;
                run++;
                if (run > 400)
                {
                    return true;
                }
            }
            else
            {
                run = 0;
            }

            pipes += c == '|' ? 1 : 0;
        }

        return delimiters > MostDelimiters || pipes > MostDelimiters || Math.Max(deep, lineMarkers) > 100;
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough).DisableHtml();
        // "text\n---" is a heading by the book; in a growing answer it is a paragraph before a list or a rule.
        if (builder.BlockParsers.Find<ParagraphBlockParser>() is { } paragraphs)
        {
            paragraphs.ParseSetextHeadings = false;
        }

        return builder.Build();
    }

    [GeneratedRegex(@"[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]")]
    private static partial Regex BidiControls();

    private sealed class InertRenderer : HtmlRenderer
    {
        public InertRenderer(TextWriter writer)
            : base(writer)
        {
            // The default renderers stay for what is only structure; everything that can carry an address, code or attributes is ours.
            ObjectRenderers.Add(new Markdig.Extensions.Tables.HtmlTableRenderer());
            Replace<CodeBlockRenderer>(new CodeRenderer());
            Replace<HeadingRenderer>(new ShiftedHeading());
            Replace<HtmlBlockRenderer>(new HtmlAsText());
            Replace<Markdig.Renderers.Html.Inlines.AutolinkInlineRenderer>(new AddressAsText());
            Replace<Markdig.Renderers.Html.Inlines.LinkInlineRenderer>(new LinkAsText());
            Replace<Markdig.Renderers.Html.Inlines.HtmlInlineRenderer>(new HtmlInlineAsText());
            Replace<Markdig.Renderers.Html.Inlines.LiteralInlineRenderer>(new OrderlyText());
            Replace<Markdig.Renderers.Html.Inlines.CodeInlineRenderer>(new OrderlyCode());
            ObjectRenderers.Add(new CitationRenderer());
        }

        private void Replace<T>(IMarkdownObjectRenderer with)
            where T : class, IMarkdownObjectRenderer
        {
            ObjectRenderers.RemoveAll(r => r is T);
            ObjectRenderers.Add(with);
        }
    }

    private sealed class OrderlyText : HtmlObjectRenderer<LiteralInline>
    {
        protected override void Write(HtmlRenderer renderer, LiteralInline obj) => renderer.WriteEscape(WithoutBidiControls(obj.Content.ToString()));
    }

    private sealed class OrderlyCode : HtmlObjectRenderer<CodeInline>
    {
        protected override void Write(HtmlRenderer renderer, CodeInline obj) =>
            renderer.Write("<code>").WriteEscape(WithoutBidiControls(obj.Content)).Write("</code>");
    }

    private sealed class HtmlAsText : HtmlObjectRenderer<HtmlBlock>
    {
        protected override void Write(HtmlRenderer renderer, HtmlBlock obj) =>
            renderer.Write("<p>").WriteEscape(WithoutBidiControls(obj.Lines.ToString())).Write("</p>");
    }

    private sealed class HtmlInlineAsText : HtmlObjectRenderer<HtmlInline>
    {
        protected override void Write(HtmlRenderer renderer, HtmlInline obj) => renderer.WriteEscape(WithoutBidiControls(obj.Tag));
    }

    private sealed class AddressAsText : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline obj) => WriteAddress(renderer, obj.Url);
    }

    private sealed class LinkAsText : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline link)
        {
            if (link.IsImage)
            {
                renderer.Write("<span class=\"inert-image\">");
            }

            renderer.WriteChildren(link);
            if (link.IsImage)
            {
                renderer.Write("</span>");
            }

            if (link.Url is { Length: > 0 } url && url != (link.FirstChild as LiteralInline)?.Content.ToString())
            {
                renderer.Write(" ");
                WriteAddress(renderer, url);
            }
        }
    }

    private static void WriteAddress(HtmlRenderer renderer, string address) =>
        renderer.Write("<bdi class=\"inert-link\" dir=\"ltr\">").WriteEscape(WithoutBidiControls(address)).Write("</bdi>");

    /// <summary>The page has its own h1 and h2; an answer's headings come below them.</summary>
    private sealed class ShiftedHeading : HtmlObjectRenderer<HeadingBlock>
    {
        protected override void Write(HtmlRenderer renderer, HeadingBlock obj)
        {
            var tag = obj.Level switch { 1 => "h3", 2 => "h4", 3 => "h5", _ => "h6" };
            renderer.Write('<').Write(tag).Write('>');
            renderer.WriteLeafInline(obj);
            renderer.Write("</").Write(tag).Write('>');
        }
    }

    private sealed class CodeRenderer : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock obj)
        {
            var language = Language().Match((obj as FencedCodeBlock)?.Info ?? "").Value;
            var code = obj.Lines.ToString();
            renderer.Write("<div class=\"code\"><div class=\"code-bar\"><span>").WriteEscape(language.Length > 0 ? language : "text");
            renderer.Write("</span><button type=\"button\" class=\"code-copy\">Copy</button></div><pre tabindex=\"0\"><code>");
            renderer.Write(CodeColours.Html(WithoutBidiControls(code), language)).Write("</code></pre></div>");
        }
    }

    private sealed class CitationRenderer : HtmlObjectRenderer<CitationInline>
    {
        protected override void Write(HtmlRenderer renderer, CitationInline obj)
        {
            var n = obj.Number.ToString(CultureInfo.InvariantCulture);
            renderer.Write("<button type=\"button\" class=\"cite\" data-cite=\"").Write(n).Write("\" aria-label=\"Source ").Write(n).Write("\">").Write(n).Write("</button>");
        }
    }

    [GeneratedRegex(@"^[\w#+.-]{1,24}")]
    private static partial Regex Language();

    internal sealed class CitationInline : LeafInline
    {
        public int Number { get; init; }
    }

    private static partial class Citations
    {
        public static void Mark(MarkdownDocument document, Func<int, bool> isSource)
        {
            foreach (var bracket in document.Descendants<LinkDelimiterInline>().ToList())
            {
                Flatten(bracket);
            }

            // The root of each paragraph's text is not among its descendants.
            var roots = document.Descendants<LeafBlock>().Select(b => b.Inline).OfType<ContainerInline>();
            foreach (var container in roots.Concat(document.Descendants<ContainerInline>()).ToList())
            {
                if (container is LinkInline { IsImage: true })
                {
                    continue;
                }

                // "[1]: https://…" at the end of an answer makes every "[1]" a link by the book; it is still a citation.
                if (container is LinkInline { Reference: not null } link && link.FirstChild is LiteralInline only && link.FirstChild == link.LastChild
                    && int.TryParse(only.Content.AsSpan(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && isSource(number))
                {
                    link.ReplaceBy(new CitationInline { Number = number });
                    continue;
                }

                for (var inline = container.FirstChild; inline is not null;)
                {
                    inline = inline is LiteralInline first ? MarkRun(first, isSource) : inline.NextSibling;
                }
            }
        }

        /// <summary>A bracket that opened no link keeps what follows as its children; they belong beside it.</summary>
        private static void Flatten(LinkDelimiterInline bracket)
        {
            bracket.InsertBefore(new LiteralInline(bracket.ToLiteral()));
            while (bracket.FirstChild is { } child)
            {
                child.Remove();
                bracket.InsertBefore(child);
            }

            bracket.Remove();
        }

        /// <summary>The parser leaves "[1]" as several literals in a row, so a run of them is read as one.</summary>
        private static Inline? MarkRun(LiteralInline first, Func<int, bool> isSource)
        {
            var text = new StringBuilder();
            Inline? after = first;
            while (after is LiteralInline literal)
            {
                text.Append(literal.Content.AsSpan());
                after = after.NextSibling;
            }

            var all = text.ToString();
            var at = 0;
            var parts = new List<Inline>();
            foreach (Match match in Marker().Matches(all))
            {
                var numbers = match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)
                    .Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1).ToList();
                if (!numbers.TrueForAll(n => isSource(n)))
                {
                    continue;
                }

                if (match.Index > at)
                {
                    parts.Add(new LiteralInline(all[at..match.Index]));
                }

                parts.AddRange(numbers.Distinct().Select(n => new CitationInline { Number = n }));
                at = match.Index + match.Length;
            }

            if (parts.Count == 0)
            {
                return after;
            }

            if (at < all.Length)
            {
                parts.Add(new LiteralInline(all[at..]));
            }

            foreach (var part in parts)
            {
                first.InsertBefore(part);
            }

            for (Inline? old = first; old != after;)
            {
                var next = old!.NextSibling;
                old.Remove();
                old = next;
            }

            return after;
        }

        [GeneratedRegex(@"\[(\d{1,3}(?:\s?,\s?\d{1,3}){0,9})\]")]
        private static partial Regex Marker();
    }
}
