using System.Globalization;
using System.Text;
using ChatSphere.AI.Chat;

namespace ChatSphere.AI.Knowledge;

/// <summary>
/// Cuts a document's text into passages of about <see cref="TargetTokens"/> tokens along its structure: a heading begins a new passage, sentences, list items, table
/// rows and lines of code stay whole where they fit, and a passage that had to be cut shares its last sentences with the next. Takes pages in order and keeps
/// only the unfinished passage, so memory does not grow with the document. One instance per document.
/// </summary>
/// <param name="documentName">As uploaded; without its extension it becomes part of every passage's context.</param>
/// <param name="hasPages">Whether page numbers mean something to people.</param>
public sealed class DocumentChunker(string documentName, bool hasPages)
{
    public const int TargetTokens = 300;
    public const int OverlapTokens = 40;
    public const string HeadingSeparator = " › ";

    // Longer sentences, rows and lines are cut, so that a passage never gets much longer than the target.
    private const int MaxUnitTokens = 240;

    // A section shorter than this stays together with the next one: a line alone finds nothing.
    private const int MinSectionTokens = 24;

    // A passage this full ends before a paragraph that would not fit, rather than inside it.
    private const int FullEnough = TargetTokens * 6 / 10;
    private const int MaxHeadingLength = 160;
    private const int MaxContextLength = 600;
    private const int MaxUnitCharacters = 2_000;

    private readonly string _title = TitleOf(documentName);
    private readonly List<(int Level, string Text)> _path = [];
    private readonly List<Unit> _units = [];
    private char[] _buffer = new char[16_384];
    private int _base;
    private int _length;
    private int _tokens;
    private int _bodyTokens;
    private int _ordinal;
    private string[]? _chunkPath;
    private string? _tableHeader;
    private bool _chunkHasTableHeader;

    // Units that no finished passage holds yet; the others were carried over.
    private int _fresh;

    private readonly record struct Unit(int Start, int End, int Tokens, BlockKind Kind, int Page);

    /// <summary>Appends the passages that this page completes.</summary>
    public void Add(ExtractedPage page, List<ChunkDraft> done)
    {
        if (page.Start != _base + _length)
        {
            throw new ArgumentException($"The page starts at {page.Start}, the text so far ends at {_base + _length}.", nameof(page));
        }

        Append(page.Text);
        foreach (var block in page.Blocks)
        {
            Add(block, page.Number, done);
        }

        DropPassed();
    }

    /// <summary>Appends the last passage.</summary>
    public void Complete(List<ChunkDraft> done) => Emit(done, carryOver: false);

    internal static string TitleOf(string documentName)
    {
        var name = documentName.Trim();
        var dot = name.LastIndexOf('.');
        return dot > 0 && name.Length - dot <= 9 ? name[..dot] : name;
    }

    private void Add(ExtractedBlock block, int page, List<ChunkDraft> done)
    {
        if (block.Kind == BlockKind.Contents)
        {
            Emit(done, carryOver: false);
            return;
        }

        // Whole paragraphs are marked as headings by people who like large letters.
        if (block.Kind == BlockKind.Heading && block.End - block.Start > 2 * MaxHeadingLength)
        {
            block = block with { Kind = BlockKind.Paragraph };
        }

        if (block.Kind is not (BlockKind.TableHeader or BlockKind.TableRow))
        {
            _tableHeader = null;
        }

        if (block.Kind == BlockKind.Heading)
        {
            if (_bodyTokens >= MinSectionTokens || _fresh == 0)
            {
                Emit(done, carryOver: false);
            }

            while (_path.Count > 0 && _path[^1].Level >= block.Level)
            {
                _path.RemoveAt(_path.Count - 1);
            }

            _path.Add((block.Level, Shorten(OneLine(Slice(block.Start, block.End)), MaxHeadingLength)));
        }
        else if (block.Kind == BlockKind.TableHeader)
        {
            _tableHeader = Shorten(OneLine(Slice(block.Start, block.End)), 200);
        }

        if (block.Kind == BlockKind.Paragraph && _tokens >= FullEnough && _tokens + TokenEstimate.Of(Slice(block.Start, block.End)) > TargetTokens)
        {
            Emit(done, carryOver: true);
        }

        for (var start = block.Start; start < block.End;)
        {
            var end = block.Kind == BlockKind.Code ? LineEnd(start, block.End) : SentenceEnd(start, block.End);
            AddUnit(start, end, block.Kind, page, done);
            start = end;
        }
    }

    private void AddUnit(int start, int end, BlockKind kind, int page, List<ChunkDraft> done)
    {
        // Indentation of code belongs to its line; elsewhere blanks around a unit belong to nobody.
        while (start < end && (kind == BlockKind.Code ? CharAt(start) is '\n' or '\r' : char.IsWhiteSpace(CharAt(start))))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(CharAt(end - 1)))
        {
            end--;
        }

        while (start < end)
        {
            var pieceEnd = FittingEnd(start, end, out var tokens);
            if (_tokens + tokens > TargetTokens && (_bodyTokens > 0 || _tokens > FullEnough))
            {
                Emit(done, carryOver: _bodyTokens > 0);
            }

            Take(new Unit(start, pieceEnd, tokens, kind, page));
            for (start = pieceEnd; start < end && char.IsWhiteSpace(CharAt(start)); start++)
            {
            }
        }
    }

    private void Take(Unit unit)
    {
        _units.Add(unit);
        _fresh++;
        _tokens += unit.Tokens;
        if (unit.Kind == BlockKind.Heading)
        {
            return;
        }

        _bodyTokens += unit.Tokens;
        _chunkHasTableHeader |= unit.Kind == BlockKind.TableHeader;
        _chunkPath = _chunkPath is null
            ? [.. _path.Select(h => h.Text)]
            : [.. _chunkPath.Zip(_path).TakeWhile(both => both.First == both.Second.Text).Select(both => both.First)];
    }

    private void Emit(List<ChunkDraft> done, bool carryOver)
    {
        if (_fresh == 0)
        {
            _units.Clear();
            (_tokens, _bodyTokens, _chunkPath) = (0, 0, null);
            return;
        }

        // Headings at the end belong to what follows them.
        var last = _units.Count - 1;
        while (carryOver && last > 0 && _units[last].Kind == BlockKind.Heading)
        {
            last--;
        }

        var (start, end) = (_units[0].Start, _units[last].End);
        var text = Slice(start, end);
        if (HasWords(text))
        {
            var path = _chunkPath ?? [.. _path.Select(h => h.Text)];
            var heading = path.Length == 0 ? null : string.Join(HeadingSeparator, path);
            var context = new StringBuilder(_title);
            if (heading is not null)
            {
                context.Append(HeadingSeparator).Append(heading);
            }

            if (_tableHeader is not null && !_chunkHasTableHeader && _units[0].Kind == BlockKind.TableRow)
            {
                context.Append(HeadingSeparator).Append(_tableHeader);
            }

            done.Add(new ChunkDraft(_ordinal++, hasPages ? _units[0].Page : null, start, end, heading, Shorten(context.ToString(), MaxContextLength), text.ToString()));
        }

        List<Unit> carried = [.. _units.Skip(last + 1)];
        if (carryOver && carried.Count == 0)
        {
            // At least one sentence if it is not too long, and never the whole passage again.
            var overlap = 0;
            for (var i = last; i > 0 && _units[i].Kind is BlockKind.Paragraph or BlockKind.ListItem; i--)
            {
                overlap += _units[i].Tokens;
                if (overlap > (carried.Count == 0 ? OverlapTokens * 3 / 2 : OverlapTokens))
                {
                    break;
                }

                carried.Insert(0, _units[i]);
            }
        }

        _units.Clear();
        (_tokens, _bodyTokens, _fresh, _chunkPath, _chunkHasTableHeader) = (0, 0, 0, null, false);
        carried.ForEach(Take);

        // What is only repeated is no reason for a passage of its own.
        if (carried.TrueForAll(u => u.Kind != BlockKind.Heading))
        {
            (_bodyTokens, _fresh) = (0, 0);
        }
    }

    /// <summary>How far a stretch fits into one unit: to the end, or to a blank, or in a word without end to a grapheme's bound.</summary>
    private int FittingEnd(int start, int end, out int tokens)
    {
        if (end - start <= MaxUnitCharacters && (tokens = TokenEstimate.Of(Slice(start, end))) <= MaxUnitTokens)
        {
            return end;
        }

        tokens = 0;
        var position = start;
        while (position < end)
        {
            var next = position;
            for (; next < end && char.IsWhiteSpace(CharAt(next)); next++)
            {
            }

            for (; next < end && !char.IsWhiteSpace(CharAt(next)) && next - position <= MaxUnitCharacters; next++)
            {
            }

            var more = TokenEstimate.Of(Slice(position, next));
            if (tokens + more > MaxUnitTokens || next - start > MaxUnitCharacters)
            {
                break;
            }

            tokens += more;
            position = next;
        }

        if (position > start)
        {
            return position;
        }

        // A single word that is too long.
        for (var limit = Math.Min(end, start + MaxUnitCharacters); position < limit;)
        {
            var length = StringInfo.GetNextTextElementLength(Slice(position, Math.Min(limit, position + 256)));
            var more = TokenEstimate.Of(Slice(position, position + length));
            if (position > start && tokens + more > MaxUnitTokens)
            {
                break;
            }

            tokens += more;
            position += length;
        }

        // The windows above may have cut a surrogate pair.
        return position < end && char.IsLowSurrogate(CharAt(position)) && char.IsHighSurrogate(CharAt(position - 1)) ? position + 1 : position;
    }

    private int LineEnd(int start, int end)
    {
        var newline = Slice(start, end).IndexOf('\n');
        return newline < 0 ? end : start + newline + 1;
    }

    /// <summary>After the next full stop that ends a sentence: followed by a blank and then by what can begin one ("e.g. this" goes on), or ideographic.</summary>
    private int SentenceEnd(int start, int end)
    {
        var text = Slice(start, end);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '。' or '！' or '？':
                    return start + i + 1;
                case '.' or '!' or '?' or '…':
                    var after = i + 1;
                    for (; after < text.Length && text[after] is '"' or '\'' or ')' or ']' or '”' or '’' or '»' or '.' or '!' or '?'; after++)
                    {
                    }

                    var next = after;
                    for (; next < text.Length && char.IsWhiteSpace(text[next]); next++)
                    {
                    }

                    if (next > after && (next == text.Length || !char.IsLower(text[next])))
                    {
                        return start + next;
                    }

                    i = after - 1;
                    break;
                default:
                    break;
            }
        }

        return end;
    }

    private static bool HasWords(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                return true;
            }
        }

        return false;
    }

    private static string OneLine(ReadOnlySpan<char> text) => string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Shorten(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private char CharAt(int offset) => _buffer[offset - _base];

    private ReadOnlySpan<char> Slice(int start, int end) => _buffer.AsSpan(start - _base, end - start);

    private void Append(string text)
    {
        if (_length + text.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + text.Length));
        }

        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    private void DropPassed()
    {
        var passed = (_units.Count > 0 ? _units[0].Start : _base + _length) - _base;
        if (passed > 0)
        {
            _buffer.AsSpan(passed, _length - passed).CopyTo(_buffer);
            (_base, _length) = (_base + passed, _length - passed);
        }
    }
}
