using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.Benchmarks.Documents;

namespace ChatSphere.Tests.Benchmarks;

public sealed partial class GeneratingDocumentsTests
{
    [Fact]
    public void Same_seed_gives_the_same_text_and_another_seed_another()
    {
        Assert.Equal(new SyntheticText(1).Markdown(300), new SyntheticText(1).Markdown(300));
        Assert.NotEqual(new SyntheticText(1).Markdown(300), new SyntheticText(2).Markdown(300));
        Assert.StartsWith("# ", new SyntheticText(1).Markdown(300), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_entry_of_a_pdfs_table_points_at_its_object()
    {
        var pdf = Encoding.Latin1.GetString(Pdf(pages: 12));

        var table = int.Parse(StartOfTable().Match(pdf).Groups[1].Value, CultureInfo.InvariantCulture);
        var header = Table().Match(pdf[table..]);
        Assert.Equal(0, header.Index);
        var count = int.Parse(header.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.Equal(1 + 4 + 2 * 12, count);
        for (var i = 1; i < count; i++)
        {
            var entry = pdf.Substring(table + header.Length + 20 * i, 20);
            Assert.EndsWith(" 00000 n \n", entry, StringComparison.Ordinal);
            Assert.StartsWith($"{i} 0 obj\n", pdf[int.Parse(entry[..10], CultureInfo.InvariantCulture)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pages_of_a_pdf_hold_real_text()
    {
        var pdf = Pdf(pages: 1);
        var content = Content().Match(Encoding.Latin1.GetString(pdf));
        using var packed = new MemoryStream(pdf, content.Index + content.Length, int.Parse(content.Groups[1].Value, CultureInfo.InvariantCulture));
        using var unpacked = new StreamReader(new ZLibStream(packed, CompressionMode.Decompress));

        var commands = unpacked.ReadToEnd();

        Assert.Contains("Tj T*", commands, StringComparison.Ordinal);
        Assert.Contains(SyntheticText.AllWords.Take(20), word => commands.Contains(word, StringComparison.OrdinalIgnoreCase));
        Assert.True(commands.Length > 2000);
    }

    private static byte[] Pdf(int pages)
    {
        using var buffer = new MemoryStream();
        PdfWriter.Write(buffer, pages, seed: 7);
        return buffer.ToArray();
    }

    [GeneratedRegex(@"startxref\n(\d+)\n%%EOF\n$")]
    private static partial Regex StartOfTable();

    [GeneratedRegex(@"xref\n0 (\d+)\n")]
    private static partial Regex Table();

    [GeneratedRegex(@"/Length (\d+) /Filter /FlateDecode >>\nstream\n")]
    private static partial Regex Content();
}
