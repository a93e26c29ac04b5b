using System.Globalization;
using System.Text;
using ChatSphere.AI.Knowledge;
using Markdig;
using Markdig.Extensions.Footnotes;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>Markdown as people see it rendered: structure from the syntax tree, text without the marks.</summary>
internal static class MarkdownReader
{
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().UseGridTables().UseTaskLists().UseDefinitionLists().UseFootnotes().Build();

    public static IEnumerable<ExtractedPage> Read(string source, int maxCharacters)
    {
        var composer = new PageComposer(maxCharacters);
        MarkdownDocument document;
        try
        {
            document = Markdown.Parse(source, Pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig refuses to nest deeper than it can. Then it is text.
            document = [];
            PlainTextReader.AddAll(composer, source);
        }

        foreach (var block in document)
        {
            Add(composer, block, 0, "");
            while (composer.TryTake(out var page))
            {
                yield return page;
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

    private static void Add(PageComposer composer, Block block, int depth, string prefix)
    {
        switch (block)
        {
            case YamlFrontMatterBlock or LinkReferenceDefinitionGroup or ThematicBreakBlock:
                break;
            case HeadingBlock heading:
                composer.Add(BlockKind.Heading, heading.Level, TextOf(heading.Inline));
                break;
            case CodeBlock code:
                composer.Add(BlockKind.Code, 0, code.Lines.ToString());
                break;
            case HtmlBlock html:
                foreach (var text in HtmlReader.Texts(html.Lines.ToString()))
                {
                    composer.Add(BlockKind.Paragraph, 0, text);
                }

                break;
            case Table table:
                foreach (var row in table.OfType<TableRow>())
                {
                    composer.Add(row.IsHeader ? BlockKind.TableHeader : BlockKind.TableRow, 0, string.Join(" | ", row.OfType<TableCell>().Select(CellText)));
                }

                break;
            case ListBlock list:
                AddList(composer, list, depth);
                break;
            case LeafBlock leaf:
                composer.Add(depth > 0 && prefix.Length > 0 ? BlockKind.ListItem : BlockKind.Paragraph, 0, prefix + TextOf(leaf.Inline));
                break;
            case ContainerBlock container:
                foreach (var child in container)
                {
                    Add(composer, child, depth, "");
                }

                break;
            default:
                break;
        }
    }

    private static void AddList(PageComposer composer, ListBlock list, int depth)
    {
        var number = int.TryParse(list.OrderedStart, NumberStyles.None, CultureInfo.InvariantCulture, out var first) ? first : 1;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var prefix = list.IsOrdered ? string.Create(CultureInfo.InvariantCulture, $"{number++}. ") : "- ";
            foreach (var child in item)
            {
                Add(composer, child, depth + 1, child is LeafBlock and not (HeadingBlock or CodeBlock or HtmlBlock) ? prefix : "");
                prefix = "";
            }
        }
    }

    private static string CellText(TableCell cell) => string.Join(' ', cell.Descendants<LeafBlock>().Select(b => TextOf(b.Inline))).ReplaceLineEndings(" ").Trim();

    private static string TextOf(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        Append(text, inlines);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ContainerInline? inlines)
    {
        for (var inline = inlines?.FirstChild; inline is not null; inline = inline.NextSibling)
        {
            switch (inline)
            {
                case LiteralInline literal:
                    text.Append(literal.Content.AsSpan());
                    break;
                case CodeInline code:
                    text.Append(code.Content);
                    break;
                case LineBreakInline line:
                    text.Append(line.IsHard ? '\n' : ' ');
                    break;
                case AutolinkInline link:
                    text.Append(link.Url);
                    break;
                case HtmlEntityInline entity:
                    text.Append(entity.Transcoded.AsSpan());
                    break;
                case HtmlInline { Tag: var tag } when tag.StartsWith("<br", StringComparison.OrdinalIgnoreCase):
                    text.Append('\n');
                    break;
                case TaskList task:
                    text.Append(task.Checked ? "[x]" : "[ ]");
                    break;
                case FootnoteLink:
                    break;
                case DelimiterInline delimiter:
                    text.Append(delimiter.ToLiteral());
                    Append(text, delimiter);
                    break;
                case ContainerInline container:
                    Append(text, container);
                    break;
                default:
                    break;
            }
        }
    }
}
