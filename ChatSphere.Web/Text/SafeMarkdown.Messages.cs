using System.Globalization;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace ChatSphere.Web.Text;

public static partial class SafeMarkdown
{
    private static readonly MarkdownPipeline MessagePipeline = BuildForMessages();

    /// <summary>
    /// A message of a channel, as HTML that can do nothing. What people write may link anywhere, as <see cref="OutsideLink"/> does it: apart, and saying where it leads. What
    /// bots write may not.
    /// </summary>
    /// <param name="named">What an id stands for, by its kind: <c>@</c> somebody, <c>&amp;</c> a role, <c>#</c> a channel. Null: nobody knows.</param>
    /// <param name="emojiAddress">Where the picture of a server's own emoji is; null: it stays text.</param>
    public static string RenderMessage(string text, bool mayLink, Func<char, Guid, Named?> named, Func<Guid, string?>? emojiAddress = null)
    {
        if (IsExcessive(text))
        {
            return Plain(text);
        }

        try
        {
            var marks = new Marks();
            var document = Markdown.Parse(Marks.Set(text, []), MessagePipeline);
            using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
            var renderer = new InertRenderer(writer, mayLink ? HostsIn(text) : [], marks);
            renderer.ObjectRenderers.Add(new MentionRenderer(named, emojiAddress));
            renderer.Render(document);
            writer.Flush();
            return writer.ToString();
        }
        catch (ArgumentException)
        {
            // Markdig's own limit on nesting.
            return Plain(text);
        }
    }

    private static HashSet<string> HostsIn(string text)
    {
        var hosts = new HashSet<string>();
        foreach (Match match in AddressStart().Matches(text))
        {
            if (Uri.TryCreate(match.Value, UriKind.Absolute, out var uri) && uri.IdnHost.Length > 0)
            {
                hosts.Add(uri.IdnHost.ToLowerInvariant() + (uri.IsDefaultPort ? "" : ":" + uri.Port.ToString(CultureInfo.InvariantCulture)));
            }
        }

        return hosts;
    }

    private static MarkdownPipeline BuildForMessages()
    {
        var builder = new MarkdownPipelineBuilder().UsePipeTables().UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
            .UseAutoLinks(new Markdig.Extensions.AutoLinks.AutoLinkOptions { ValidPreviousCharacters = "*_~(", UseHttpsForWWWLinks = true }).UseSoftlineBreakAsHardlineBreak().DisableHtml();
        builder.InlineParsers.InsertBefore<AutolinkInlineParser>(new MentionParser());
        if (builder.BlockParsers.Find<ParagraphBlockParser>() is { } paragraphs)
        {
            paragraphs.ParseSetextHeadings = false;
        }

        return builder.Build();
    }

    [GeneratedRegex(@"https?://[^\s/?#<>()\[\]""'`*|\\]+", RegexOptions.IgnoreCase)]
    private static partial Regex AddressStart();

    /// <summary><c>&lt;@id&gt;</c>, <c>&lt;@&amp;id&gt;</c>, <c>&lt;#id&gt;</c>, <c>&lt;:name:id&gt;</c>, <c>@everyone</c>, <c>@here</c>.</summary>
    internal sealed class MentionInline : LeafInline
    {
        /// <summary><c>@</c>, <c>&amp;</c>, <c>#</c>, <c>:</c>, or <c>!</c> for everybody.</summary>
        public char Kind { get; init; }

        public Guid Id { get; init; }

        public string Word { get; init; } = "";
    }

    private sealed partial class MentionParser : InlineParser
    {
        public MentionParser() => OpeningCharacters = ['<', '@'];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var rest = slice.Text.AsSpan(slice.Start, slice.Length);
            if (rest[0] == '@')
            {
                var word = rest.StartsWith("@everyone") ? "everyone" : rest.StartsWith("@here") ? "here" : "";
                var before = slice.PeekCharExtra(-1);
                var after = word.Length > 0 && rest.Length > word.Length + 1 ? rest[word.Length + 1] : ' ';
                if (word.Length == 0 || char.IsLetterOrDigit(before) || before is '_' or '@' || char.IsLetterOrDigit(after) || after == '_')
                {
                    return false;
                }

                processor.Inline = new MentionInline { Kind = '!', Word = word };
                slice.Start += word.Length + 1;
                return true;
            }

            // The longest is a name of 32 and an id of 36.
            var match = Marker().Match(rest[..Math.Min(rest.Length, 80)].ToString());
            if (!match.Success || !Guid.TryParseExact(match.Groups[3].Value, "D", out var id))
            {
                return false;
            }

            processor.Inline = new MentionInline { Kind = match.Groups[1].Value switch { "#" => '#', "@&" => '&', "@" => '@', _ => ':' }, Id = id, Word = match.Groups[2].Value };
            slice.Start += match.Length;
            return true;
        }

        [GeneratedRegex("^<(?:(@&|@|#)|:([A-Za-z0-9_]{2,32}):)([0-9a-fA-F-]{36})>")]
        private static partial Regex Marker();
    }

    private sealed class MentionRenderer(Func<char, Guid, Named?> named, Func<Guid, string?>? emojiAddress) : HtmlObjectRenderer<MentionInline>
    {
        protected override void Write(HtmlRenderer renderer, MentionInline obj)
        {
            if (obj.Kind == '!')
            {
                renderer.Write("<span class=\"community-mention community-mention-me\">@").Write(obj.Word).Write("</span>");
                return;
            }

            if (obj.Kind == ':')
            {
                if (emojiAddress?.Invoke(obj.Id) is { } address)
                {
                    renderer.Write("<img class=\"community-emoji\" loading=\"lazy\" src=\"").WriteEscape(address).Write("\" alt=\":").Write(obj.Word).Write(":\" title=\":").Write(obj.Word).Write(":\" />");
                }
                else
                {
                    renderer.Write(":").Write(obj.Word).Write(":");
                }

                return;
            }

            var known = named(obj.Kind, obj.Id);
            var name = WithoutBidiControls(known?.Name ?? (obj.Kind == '#' ? "unknown" : "somebody"));
            if (known is { Address: { } where })
            {
                renderer.Write("<a class=\"community-mention\" href=\"").WriteEscape(where).Write("\">");
            }
            else
            {
                renderer.Write(known is { IsMine: true } ? "<span class=\"community-mention community-mention-me\">" : "<span class=\"community-mention\">");
            }

            renderer.Write(obj.Kind == '#' ? "#" : "@").Write("<bdi>").WriteEscape(name).Write("</bdi>").Write(known?.Address is null ? "</span>" : "</a>");
        }
    }
}
