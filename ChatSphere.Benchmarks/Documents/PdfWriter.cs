using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace ChatSphere.Benchmarks.Documents;

/// <summary>
/// Writes plain PDF 1.4: pages of Helvetica text, compressed as real files are, and a cross-reference table that readers need not repair. ASCII only.
/// Objects: 1 the catalog, 2 the page tree, 3 and 4 the fonts, then a page and its content in turn.
/// </summary>
internal sealed class PdfWriter(Stream output)
{
    private const int LinesPerPage = 52;
    private const int CharactersPerLine = 92;

    private readonly List<long> offsets = [];
    private long position;

    /// <summary>A text-heavy document with a heading on every tenth page, deterministic by its seed.</summary>
    public static void Write(Stream output, int pages, int seed)
    {
        var text = new SyntheticText(seed);
        new PdfWriter(output).Write(pages, page => page % 10 == 0 ? (text.Heading(), text.Paragraph(500)) : (null, text.Paragraph(560)));
    }

    public void Write(int pages, Func<int, (string? Heading, string Text)> content)
    {
        Write("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n");
        Object($"<< /Type /Catalog /Pages 2 0 R >>");
        Object($"<< /Type /Pages /Count {pages} /Kids [{string.Join(' ', Enumerable.Range(0, pages).Select(page => $"{5 + 2 * page} 0 R"))}] >>");
        Object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
        Object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>");
        for (var page = 0; page < pages; page++)
        {
            var (heading, text) = content(page);
            Object($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {offsets.Count + 2} 0 R >>");
            Content(Page(heading, text, page + 1));
        }

        End();
    }

    private static string Page(string? heading, string text, int number)
    {
        var commands = new StringBuilder("BT\n");
        var y = 790;
        if (heading is not null)
        {
            commands.Append(CultureInfo.InvariantCulture, $"/F2 16 Tf 1 0 0 1 56 {y} Tm ({Escape(heading)}) Tj\n");
            y -= 28;
        }

        commands.Append(CultureInfo.InvariantCulture, $"/F1 10 Tf 14 TL 1 0 0 1 56 {y} Tm\n");
        foreach (var line in Lines(text).Take(LinesPerPage - (heading is null ? 0 : 2)))
        {
            commands.Append('(').Append(Escape(line)).Append(") Tj T*\n");
        }

        return commands.Append(CultureInfo.InvariantCulture, $"1 0 0 1 290 30 Tm ({number}) Tj\nET\n").ToString();
    }

    private static IEnumerable<string> Lines(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > CharactersPerLine)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);

    private void Object(string body)
    {
        offsets.Add(position);
        Write($"{offsets.Count} 0 obj\n{body}\nendobj\n");
    }

    private void Content(string commands)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(Encoding.Latin1.GetBytes(commands));
        }

        offsets.Add(position);
        Write($"{offsets.Count} 0 obj\n<< /Length {packed.Length} /Filter /FlateDecode >>\nstream\n");
        output.Write(packed.GetBuffer(), 0, (int)packed.Length);
        position += packed.Length;
        Write("\nendstream\nendobj\n");
    }

    private void End()
    {
        var start = position;
        Write($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            // Twenty bytes each, the blank before the line's end included: readers seek by it.
            Write($"{offset:D10} 00000 n \n");
        }

        Write($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    }

    private void Write(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        output.Write(bytes);
        position += bytes.Length;
    }
}
