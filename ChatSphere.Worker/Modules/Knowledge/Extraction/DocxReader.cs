using System.IO.Compression;
using System.Text;
using System.Xml;
using ChatSphere.AI.Knowledge;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>DOCX. The archive is measured before anything of it is believed; the main part is then read as a stream, however long it is.</summary>
internal static class DocxReader
{
    private const string W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    private const int MaxEntries = 10_000;
    private const int MaxRatio = 400;
    private const long SmallEnough = 16L << 20;
    private const int MaxNesting = 200;

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true };

    public static IEnumerable<ExtractedPage> Read(Stream file, IngestionOptions limits, CancellationToken cancellationToken)
    {
        Measure(file, limits, cancellationToken);
        using var document = Guarded(() => WordprocessingDocument.Open(file, isEditable: false));
        var main = Guarded(() => document.MainDocumentPart) ?? throw UnreadableDocumentException.Damaged();
        var headings = Guarded(() => HeadingStyles(main));
        var composer = new PageComposer(limits.MaxCharacters);
        using var stream = main.GetStream(FileMode.Open, FileAccess.Read);
        using var reader = XmlReader.Create(stream, Settings);
        var body = new Body(reader, composer, headings);
        while (Guarded(body.Next))
        {
            cancellationToken.ThrowIfCancellationRequested();
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

    /// <summary>Sizes in an archive's directory may lie, so the parts that will be read are unpacked to nowhere and counted.</summary>
    private static void Measure(Stream file, IngestionOptions limits, CancellationToken cancellationToken)
    {
        Guarded(() =>
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.Entries.Count > MaxEntries)
            {
                throw UnreadableDocumentException.TooLarge("it has too many parts");
            }

            var buffer = new byte[65_536];
            long total = 0;
            foreach (var entry in archive.Entries)
            {
                total += entry.Length;
                if (total > limits.MaxUnpackedBytes)
                {
                    throw UnreadableDocumentException.TooLarge("unpacked it is larger than allowed");
                }
            }

            // Text packs well, but not like this.
            if (total > SmallEnough && total > file.Length * MaxRatio)
            {
                throw UnreadableDocumentException.TooLarge("unpacked it is far larger than it seems");
            }

            long counted = 0;
            foreach (var entry in archive.Entries.Where(e => e.FullName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || e.FullName.EndsWith(".rels", StringComparison.OrdinalIgnoreCase)))
            {
                using var part = entry.Open();
                for (int read; (read = part.Read(buffer)) > 0;)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    counted += read;
                    if (counted > limits.MaxUnpackedBytes || (counted > SmallEnough && counted > file.Length * MaxRatio))
                    {
                        throw UnreadableDocumentException.TooLarge("unpacked it is larger than allowed");
                    }
                }
            }

            return true;
        });
        file.Position = 0;
    }

    /// <summary>Outline levels (1 is the outermost) by style: from the style, what it is based on, or its well-known name.</summary>
    private static Dictionary<string, int> HeadingStyles(MainDocumentPart main)
    {
        var styles = (main.StyleDefinitionsPart?.Styles?.Elements<Style>() ?? []).Where(s => s.StyleId?.Value is not null).GroupBy(s => s.StyleId!.Value!).ToDictionary(g => g.Key, g => g.First());
        var levels = new Dictionary<string, int>();
        foreach (var (id, style) in styles)
        {
            var seen = style;
            for (var steps = 0; seen is not null && steps < 20; steps++)
            {
                if (seen.StyleParagraphProperties?.OutlineLevel?.Val?.Value is { } outline)
                {
                    if (outline < 9)
                    {
                        levels[id] = outline + 1;
                    }

                    break;
                }

                if (LevelByName(seen.StyleName?.Val?.Value) is { } level)
                {
                    levels[id] = level;
                    break;
                }

                seen = seen.BasedOn?.Val?.Value is { } parent ? styles.GetValueOrDefault(parent) : null;
            }
        }

        // Documents made by programs often use the ids without defining them.
        for (var level = 1; level <= 9; level++)
        {
            levels.TryAdd($"Heading{level}", level);
        }

        levels.TryAdd("Title", 1);
        return levels;
    }

    private static int? LevelByName(string? name) =>
        name is null ? null
        : name.Equals("title", StringComparison.OrdinalIgnoreCase) ? 1
        : name.Length == 9 && name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) && char.IsAsciiDigit(name[8]) && name[8] != '0' ? name[8] - '0'
        : null;

    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is XmlException or InvalidDataException or OpenXmlPackageException or FileFormatException or IOException or FormatException or ArgumentException or InvalidOperationException or UriFormatException or KeyNotFoundException)
        {
            throw UnreadableDocumentException.Damaged();
        }
    }

    private sealed class Body(XmlReader reader, PageComposer composer, Dictionary<string, int> headings)
    {
        private readonly StringBuilder _text = new();

        // Tables may stand in cells; only the outermost keeps its rows, the text of inner ones goes into the cell.
        private readonly List<string> _cells = [];
        private readonly StringBuilder _cell = new();
        private int _tables;
        private int _rows;
        private bool _rowIsHeader;
        private string? _style;
        private int? _outline;
        private bool _inList;
        private int _listLevel;
        private int _inParagraph;
        private int _skip = int.MaxValue;

        /// <summary>Reads on by one node. False at the end.</summary>
        public bool Next()
        {
            if (!reader.Read())
            {
                return false;
            }

            if (reader.Depth > MaxNesting)
            {
                throw UnreadableDocumentException.Damaged();
            }

            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.Depth < _skip:
                    var empty = reader.IsEmptyElement;
                    var name = reader.LocalName;

                    // Struck out by a tracked change, the picture for old readers of what was there already, and field codes.
                    if ((reader.NamespaceURI == W && name is "del" or "moveFrom" or "instrText" or "delText") || name == "Fallback")
                    {
                        _skip = empty ? _skip : reader.Depth;
                        break;
                    }

                    if (reader.NamespaceURI == W)
                    {
                        Begin(name);
                        if (empty)
                        {
                            End(name);
                        }
                    }

                    break;
                case XmlNodeType.EndElement:
                    if (reader.Depth == _skip)
                    {
                        _skip = int.MaxValue;
                    }
                    else if (reader.Depth < _skip && reader.NamespaceURI == W)
                    {
                        End(reader.LocalName);
                    }

                    break;
                case XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA when reader.Depth < _skip && _inText:
                    _text.Append(reader.Value);
                    break;
                default:
                    break;
            }

            return true;
        }

        private bool _inText;

        private void Begin(string name)
        {
            switch (name)
            {
                case "p":
                    // Text boxes put paragraphs into paragraphs: what was there so far comes first.
                    if (_inParagraph++ > 0)
                    {
                        EndParagraph();
                    }

                    (_style, _outline, _inList, _listLevel) = (null, null, false, 0);
                    break;
                case "pStyle":
                    _style = reader.GetAttribute("val", W);
                    break;
                case "outlineLvl" when int.TryParse(reader.GetAttribute("val", W), out var outline) && outline < 9:
                    _outline = outline + 1;
                    break;
                case "numPr":
                    _inList = true;
                    break;
                case "ilvl" when int.TryParse(reader.GetAttribute("val", W), out var level):
                    _listLevel = Math.Clamp(level, 0, 8);
                    break;
                case "numId" when reader.GetAttribute("val", W) == "0":
                    _inList = false;
                    break;
                case "t":
                    _inText = true;
                    break;
                case "tab":
                    // The same name sets tab stops in a paragraph's properties; there it has a value.
                    if (reader.GetAttribute("val", W) is null)
                    {
                        _text.Append('\t');
                    }

                    break;
                case "br" or "cr":
                    _text.Append('\n');
                    break;
                case "noBreakHyphen":
                    _text.Append('-');
                    break;
                case "tbl":
                    if (_tables++ == 0)
                    {
                        _rows = 0;
                    }

                    break;
                case "tr" when _tables == 1:
                    _cells.Clear();
                    _rowIsHeader = false;
                    break;
                case "tblHeader":
                    _rowIsHeader = true;
                    break;
                case "tc" when _tables == 1:
                    _cell.Clear();
                    break;
                default:
                    break;
            }
        }

        private void End(string name)
        {
            switch (name)
            {
                case "t":
                    _inText = false;
                    break;
                case "p":
                    _inParagraph--;
                    EndParagraph();
                    break;
                case "tc" when _tables == 1:
                    _cells.Add(string.Join(' ', _cell.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
                    break;
                case "tr" when _tables == 1:
                    // The first row names the columns unless it is empty; few authors mark it.
                    var header = _rowIsHeader || (_rows == 0 && _cells.Count > 1 && _cells.TrueForAll(c => c.Length is > 0 and < 60));
                    composer.Add(header ? BlockKind.TableHeader : BlockKind.TableRow, 0, string.Join(" | ", _cells));
                    _rows++;
                    break;
                case "tbl":
                    _tables--;
                    break;
                default:
                    break;
            }
        }

        private void EndParagraph()
        {
            var text = _text.ToString();
            _text.Clear();
            if (string.IsNullOrWhiteSpace(text))
            {
                return;
            }

            if (_tables > 0)
            {
                _cell.Append(text).Append('\n');
            }
            else if (_outline is { } outline)
            {
                composer.Add(BlockKind.Heading, outline, text);
            }
            else if (_style is not null && headings.TryGetValue(_style, out var level))
            {
                composer.Add(BlockKind.Heading, level, text);
            }
            else
            {
                var isItem = _inList || _style?.StartsWith("List", StringComparison.Ordinal) == true;
                composer.Add(isItem ? BlockKind.ListItem : BlockKind.Paragraph, 0, isItem ? $"{new string(' ', _listLevel * 2)}- {text.Trim()}" : text);
            }
        }
    }
}
