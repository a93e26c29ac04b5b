using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.Contracts.Conversations;
using Markdig;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatSphere.Web.Text;

/// <summary>
/// Markdown that nobody has vouched for, as HTML that can do nothing: no raw HTML, no images, and no links to click but to hosts that the server allowed for this
/// answer, so it can neither run anything nor carry anything away. Other addresses stay readable as text. <c>[1]</c> becomes a chip when 1 is one of the answer's sources.
/// </summary>
public static partial class SafeMarkdown
{
    private const int LongestText = 200_000;
    private const int MostDelimiters = 20_000;

    private static readonly MarkdownPipeline Pipeline = Build();

    /// <returns>One HTML string per top-level block, so that a growing answer only sends its last block again.</returns>
    /// <param name="isSource">Whether a number is one of the answer's sources.</param>
    /// <param name="growing">The text is still being written: what may yet turn into something else is held back, so that nothing flickers.</param>
    /// <param name="linkHosts">Where links may lead: <c>MessageResponse.LinkHosts</c>. A picture becomes such a link at most; nothing is ever loaded.</param>
    /// <param name="unsupported">Stretches that nothing supports; they are marked.</param>
    public static IReadOnlyList<string> Render(string text, Func<int, bool> isSource, bool growing = false, IReadOnlyCollection<string>? linkHosts = null, IReadOnlyList<TextRange>? unsupported = null)
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
            var marks = new Marks();
            var document = Markdown.Parse(Marks.Set(text, growing ? [] : unsupported ?? []), Pipeline);
            Citations.Mark(document, isSource);
            var blocks = new List<string>(document.Count);
            foreach (var block in document)
            {
                using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
                var renderer = new InertRenderer(writer, linkHosts ?? [], marks);
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
        public InertRenderer(TextWriter writer, IReadOnlyCollection<string> linkHosts, Marks marks)
            : base(writer)
        {
            // The default renderers stay for what is only structure; everything that can carry an address, code or attributes is ours.
            ObjectRenderers.Add(new Markdig.Extensions.Tables.HtmlTableRenderer());
            Replace<CodeBlockRenderer>(new CodeRenderer(marks));
            Replace<HeadingRenderer>(new ShiftedHeading());
            Replace<HtmlBlockRenderer>(new HtmlAsText(marks));
            Replace<Markdig.Renderers.Html.Inlines.AutolinkInlineRenderer>(new AddressAsText(linkHosts, marks));
            Replace<Markdig.Renderers.Html.Inlines.LinkInlineRenderer>(new LinkAsText(linkHosts, marks));
            Replace<Markdig.Renderers.Html.Inlines.HtmlInlineRenderer>(new HtmlInlineAsText(marks));
            Replace<Markdig.Renderers.Html.Inlines.LiteralInlineRenderer>(new OrderlyText(marks));
            Replace<Markdig.Renderers.Html.Inlines.CodeInlineRenderer>(new OrderlyCode(marks));
            ObjectRenderers.Add(new CitationRenderer());
        }

        private void Replace<T>(IMarkdownObjectRenderer with)
            where T : class, IMarkdownObjectRenderer
        {
            ObjectRenderers.RemoveAll(r => r is T);
            ObjectRenderers.Add(with);
        }
    }

    private sealed class OrderlyText(Marks marks) : HtmlObjectRenderer<LiteralInline>
    {
        protected override void Write(HtmlRenderer renderer, LiteralInline obj) => marks.Write(renderer, WithoutBidiControls(obj.Content.ToString()));
    }

    private sealed class OrderlyCode(Marks marks) : HtmlObjectRenderer<CodeInline>
    {
        protected override void Write(HtmlRenderer renderer, CodeInline obj) =>
            renderer.Write("<code>").WriteEscape(WithoutBidiControls(marks.Pass(obj.Content))).Write("</code>");
    }

    private sealed class HtmlAsText(Marks marks) : HtmlObjectRenderer<HtmlBlock>
    {
        protected override void Write(HtmlRenderer renderer, HtmlBlock obj) =>
            renderer.Write("<p>").WriteEscape(WithoutBidiControls(marks.Pass(obj.Lines.ToString()))).Write("</p>");
    }

    private sealed class HtmlInlineAsText(Marks marks) : HtmlObjectRenderer<HtmlInline>
    {
        protected override void Write(HtmlRenderer renderer, HtmlInline obj) => renderer.WriteEscape(WithoutBidiControls(marks.Pass(obj.Tag)));
    }

    private sealed class AddressAsText(IReadOnlyCollection<string> linkHosts, Marks marks) : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline obj)
        {
            var address = marks.Pass(obj.Url);
            if (!obj.IsEmail && OutsideLink.Of(address, linkHosts) is { } link)
            {
                link.Open(renderer);
                WriteAddress(renderer, address);
                OutsideLink.Close(renderer);
            }
            else
            {
                WriteAddress(renderer, address);
            }
        }
    }

    private sealed class LinkAsText(IReadOnlyCollection<string> linkHosts, Marks marks) : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline obj)
        {
            var url = marks.Pass(obj.Url ?? "");

            // A link within a link is none in HTML either; of a linked picture the link is left.
            var link = IsWithinLink(obj) ? null : OutsideLink.Of(url, linkHosts);
            link?.Open(renderer);
            if (obj.IsImage)
            {
                renderer.Write("<span class=\"inert-image\">");
            }

            renderer.WriteChildren(obj);
            if (obj.IsImage)
            {
                renderer.Write("</span>");
            }

            if (link is not null)
            {
                OutsideLink.Close(renderer);
            }

            if (url.Length > 0 && url != (obj.FirstChild as LiteralInline)?.Content.ToString())
            {
                // Where it leads is always said: the words of a link may say something else.
                renderer.Write(" ");
                WriteAddress(renderer, link?.Host ?? url);
            }
        }

        private static bool IsWithinLink(Inline inline)
        {
            for (var parent = inline.Parent; parent is not null; parent = parent.Parent)
            {
                if (parent is LinkInline)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static void WriteAddress(HtmlRenderer renderer, string address) =>
        renderer.Write("<bdi class=\"inert-link\" dir=\"ltr\">").WriteEscape(WithoutBidiControls(address)).Write("</bdi>");

    /// <summary>
    /// Stretches to be marked travel through the parser as two characters of private use, which are neither space nor sign to it, and turn into elements around the pieces of text between
    /// them. What of the kind the text holds itself is made another character first.
    /// </summary>
    private sealed class Marks
    {
        private const char Begin = '\uE000';
        private const char End = '\uE001';
        private bool open;

        public static string Set(string text, IReadOnlyList<TextRange> ranges)
        {
            text = text.Replace(Begin, '\uFFFD').Replace(End, '\uFFFD');
            if (ranges.Count == 0)
            {
                return text;
            }

            var marked = new StringBuilder(text.Length + (ranges.Count * 2));
            var at = 0;
            foreach (var range in ranges.OrderBy(r => r.Start))
            {
                if (range.Start < at || range.End <= range.Start || range.End > text.Length)
                {
                    continue;
                }

                marked.Append(text, at, range.Start - at).Append(Begin).Append(text, range.Start, range.End - range.Start).Append(End);
                at = range.End;
            }

            return marked.Append(text, at, text.Length - at).ToString();
        }

        public void Write(HtmlRenderer renderer, string text)
        {
            for (var at = 0; at < text.Length;)
            {
                var next = text.IndexOfAny([Begin, End], at);
                var piece = text[at..(next < 0 ? text.Length : next)];
                if (piece.Length > 0 && open)
                {
                    renderer.Write("<mark class=\"unsupported\" title=\"No source says this\">").WriteEscape(piece).Write("</mark>");
                }
                else
                {
                    renderer.WriteEscape(piece);
                }

                if (next < 0)
                {
                    break;
                }

                open = text[next] == Begin;
                at = next + 1;
            }
        }

        /// <summary>For what cannot be marked itself.</summary>
        public string Pass(string text)
        {
            var last = text.LastIndexOfAny([Begin, End]);
            if (last < 0)
            {
                return text;
            }

            open = text[last] == Begin;
            return text.Replace($"{Begin}", "", StringComparison.Ordinal).Replace($"{End}", "", StringComparison.Ordinal);
        }
    }

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

    private sealed class CodeRenderer(Marks marks) : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock obj)
        {
            var language = Language().Match(marks.Pass((obj as FencedCodeBlock)?.Info ?? "")).Value;
            var code = marks.Pass(obj.Lines.ToString());
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
