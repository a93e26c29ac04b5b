using System.Text;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>
/// Writes a document's text from the blocks that a reader finds, and keeps count of offsets. What PostgreSQL refuses (NUL, lone surrogates) and what only
/// terminals understand (other control characters) is left out here, once for all formats.
/// </summary>
internal sealed class PageComposer(int maxCharacters)
{
    /// <summary>Formats without pages are cut into stretches of about this length.</summary>
    public const int StretchLength = 8_000;

    private readonly StringBuilder _text = new();
    private readonly Queue<ExtractedPage> _done = [];
    private List<ExtractedBlock> _blocks = [];
    private int _number = 1;
    private int _start;
    private BlockKind? _previous;

    /// <summary>Of the text so far.</summary>
    public int Length => _start + _text.Length;

    /// <summary>Letters, digits and other signs so far, blanks not counted.</summary>
    public long Ink { get; private set; }

    public bool TryTake(out ExtractedPage page) => _done.TryDequeue(out page!);

    /// <summary>Appends a block; one without ink is passed over.</summary>
    /// <param name="stretches">Whether a full stretch may end before it: not inside the pages of a format that has them.</param>
    public void Add(BlockKind kind, int level, string text, bool stretches = true)
    {
        var clean = Clean(text).TrimEnd();
        clean = kind == BlockKind.Code ? clean.TrimStart('\n') : clean.TrimStart();
        if (clean.Length == 0)
        {
            return;
        }

        if (_previous is { } previous)
        {
            _text.Append(previous == kind && kind == BlockKind.ListItem || IsTable(previous) && IsTable(kind) ? "\n" : "\n\n");
        }

        for (var rest = clean.AsSpan(); rest.Length > 0;)
        {
            if (stretches && _text.Length >= StretchLength)
            {
                Flush();
            }

            var piece = rest[..(stretches ? PieceLength(rest) : rest.Length)];
            var start = Length;
            _text.Append(piece);
            _blocks.Add(new ExtractedBlock(kind, level, start, start + piece.Length));
            rest = rest[piece.Length..];
            if (Length > maxCharacters)
            {
                throw UnreadableDocumentException.TooLarge($"more than {maxCharacters:N0} characters of text");
            }
        }

        _previous = kind;
        foreach (var c in clean)
        {
            Ink += char.IsWhiteSpace(c) ? 0 : 1;
        }
    }

    /// <summary>Ends a page of a format that has them, empty ones too.</summary>
    public void EndPage()
    {
        if (_previous is not null && _text.Length > 0 && _text[^1] != '\n')
        {
            _text.Append("\n\n");
            _previous = null;
        }

        Flush();
    }

    /// <summary>The last stretch of a format without pages.</summary>
    public void Complete()
    {
        if (_text.Length > 0)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _done.Enqueue(new ExtractedPage(_number++, _start, _text.ToString(), _blocks));
        _start += _text.Length;
        _text.Clear();
        _blocks = [];
    }

    internal static string Clean(string text)
    {
        var dirty = false;
        for (var i = 0; i < text.Length && !dirty; i++)
        {
            var c = text[i];
            dirty = (c < ' ' && c is not ('\n' or '\t')) || c is '\u007f' or '\u00ad' or '\ufeff' or '\ufffe' or '\uffff' || char.IsSurrogate(c);
        }

        if (!dirty)
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                clean.Append(c).Append(text[++i]);
            }
            else if (c == '\r')
            {
                if (i + 1 == text.Length || text[i + 1] != '\n')
                {
                    clean.Append('\n');
                }
            }
            else if (c is '\f' or '\v')
            {
                clean.Append('\n');
            }
            else if ((c >= ' ' || c is '\n' or '\t') && c is not ('\u007f' or '\u00ad' or '\ufeff' or '\ufffe' or '\uffff') && !char.IsSurrogate(c))
            {
                clean.Append(c);
            }
        }

        return clean.ToString();
    }

    private static bool IsTable(BlockKind kind) => kind is BlockKind.TableHeader or BlockKind.TableRow;

    /// <summary>All of it, or to the last good place before a stretch's length: a line's end, a blank, at worst between two characters.</summary>
    private static int PieceLength(ReadOnlySpan<char> text)
    {
        if (text.Length <= StretchLength)
        {
            return text.Length;
        }

        var window = text[..StretchLength];
        var cut = window.LastIndexOf('\n') + 1;
        if (cut < StretchLength / 2)
        {
            cut = window.LastIndexOfAny(' ', '。') + 1;
        }

        if (cut < StretchLength / 2)
        {
            cut = char.IsHighSurrogate(window[^1]) ? StretchLength - 1 : StretchLength;
        }

        return cut;
    }
}
