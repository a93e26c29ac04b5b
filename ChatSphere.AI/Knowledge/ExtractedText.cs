namespace ChatSphere.AI.Knowledge;

public enum BlockKind
{
    Paragraph,
    Heading,
    ListItem,

    /// <summary>A table's first row, when it names the columns.</summary>
    TableHeader,
    TableRow,
    Code,

    /// <summary>A table of contents: part of the text, but no passage is made of it, because it names everything and answers nothing.</summary>
    Contents,
}

/// <summary>A structural piece of a document's text. Blocks come in order, do not overlap, and end on the page on which they start.</summary>
/// <param name="Level">Of a heading, 1 is the outermost; else 0.</param>
/// <param name="Start">UTF-16 offset in the document's text.</param>
/// <param name="End">One past the last character.</param>
public readonly record struct ExtractedBlock(BlockKind Kind, int Level, int Start, int End);

/// <summary>
/// What extractors hand over and the chunker takes, page by page, so that no document has to be in memory as a whole. All pages' texts one after the other are
/// the document's text; it holds no NUL and no lone surrogate.
/// </summary>
/// <param name="Number">From 1. For formats without pages: of a stretch of bounded length.</param>
/// <param name="Start">Offset of the first character in the document's text.</param>
public sealed record ExtractedPage(int Number, int Start, string Text, IReadOnlyList<ExtractedBlock> Blocks);

/// <summary>A passage to be: <c>Text</c> is the document's text from <c>Start</c> to <c>End</c>, to the letter.</summary>
/// <param name="Context">Document name and headings, and for the later part of a table its column names: searched with the text, never shown as part of it.</param>
public sealed record ChunkDraft(int Ordinal, int? Page, int Start, int End, string? Heading, string Context, string Text);
