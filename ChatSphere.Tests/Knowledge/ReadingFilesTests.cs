using System.Text;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Files;
using ChatSphere.Data.Secrets;
using ChatSphere.Worker.Modules.Knowledge;
using ChatSphere.Worker.Modules.Knowledge.Extraction;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Knowledge;

public sealed class ReadingFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chatsphere-reading-").FullName;
    private readonly IngestionOptions _limits = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Markdown_keeps_its_structure_and_loses_its_marks()
    {
        var read = await ReadAsync("guide.md", """
            ---
            title: skipped
            ---
            # Brewing *tea*

            Water at **95 °C**, see [the table](https://example.com/t).

            - black
            - green
              with care

            ```sh
            boil   --water
            ```

            | leaf | minutes |
            |------|---------|
            | black | 4 |
            | green | 2 |
            """);

        Assert.Equal("text/markdown", read.ContentType);
        Assert.Equal(
            [
                (BlockKind.Heading, "Brewing tea"), (BlockKind.Paragraph, "Water at 95 °C, see the table."), (BlockKind.ListItem, "- black"), (BlockKind.ListItem, "- green with care"),
                (BlockKind.Code, "boil   --water"), (BlockKind.TableHeader, "leaf | minutes"), (BlockKind.TableRow, "black | 4"), (BlockKind.TableRow, "green | 2"),
            ],
            read.Blocks);
    }

    [Fact]
    public async Task Html_is_read_without_scripts_and_navigation()
    {
        var read = await ReadAsync("page", """
            <!doctype html><html><head><title>Tea</title><style>p{}</style></head><body><nav>Home About</nav><script>alert(1)</script>
            <h1>Tea<a class="headerlink" href="#">¶</a></h1><p>Some&nbsp;<b>strong</b>
            tea.<p>Another.</p><ul><li>black<li>green <ol start=3><li>sencha</ol></ul><pre>  two
              lines</pre><table><tr><th>leaf</th><th>minutes</th></tr><tr><td>black</td><td>4</td></tr></table></body></html>
            """);

        Assert.Equal("text/html", read.ContentType);
        Assert.Equal(
            [
                (BlockKind.Heading, "Tea"), (BlockKind.Paragraph, "Some strong tea."), (BlockKind.Paragraph, "Another."), (BlockKind.ListItem, "- black"), (BlockKind.ListItem, "- green"),
                (BlockKind.ListItem, "3. sencha"), (BlockKind.Code, "  two\n  lines"), (BlockKind.TableHeader, "leaf | minutes"), (BlockKind.TableRow, "black | 4"),
            ],
            read.Blocks);
    }

    [Fact]
    public async Task Html_nested_without_end_still_gives_its_text()
    {
        var depth = 100_000;
        var read = await ReadAsync("deep.html", $"<!doctype html><html><body>{string.Concat(Enumerable.Repeat("<div>", depth))}the bottom{string.Concat(Enumerable.Repeat("</div>", depth))}</body></html>");

        Assert.Contains("the bottom", read.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Docx_gives_headings_tables_and_lists()
    {
        var file = DocxFile.Write(
            DocxFile.Paragraph("Refunds", "Heading1"), DocxFile.Paragraph("Within thirty days."), DocxFile.Table(["plan", "price"], ["small", "5 euros a month, paid in advance"]), DocxFile.Paragraph("first", "ListParagraph"));
        var read = await ReadAsync("whatever.bin", file);

        Assert.EndsWith("wordprocessingml.document", read.ContentType, StringComparison.Ordinal);
        Assert.Equal(
            [
                (BlockKind.Heading, "Refunds"), (BlockKind.Paragraph, "Within thirty days."), (BlockKind.TableHeader, "plan | price"),
                (BlockKind.TableRow, "small | 5 euros a month, paid in advance"), (BlockKind.ListItem, "- first"),
            ],
            read.Blocks);
    }

    [Fact]
    public async Task Docx_that_unpacks_to_far_more_than_it_is_is_refused()
    {
        var bomb = DocxFile.WithMainPart(stream =>
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 64; i++)
            {
                stream.Write(zeros);
            }
        });

        Assert.True(bomb.Length < 1 << 20);
        Assert.Equal("document_too_large", await RefusalAsync("bomb.docx", bomb));
    }

    [Fact]
    public async Task Docx_with_a_document_type_definition_is_refused()
    {
        var file = DocxFile.WithMainPart(stream => stream.Write(Encoding.UTF8.GetBytes(
            """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>""")));

        Assert.Equal("document_damaged", await RefusalAsync("lol.docx", file));
    }

    [Fact]
    public async Task Pdf_is_read_page_by_page()
    {
        SkipWithoutPdfReader();
        var read = await ReadAsync("manual.pdf", PdfFile.Write(
        [
            ["Handbook of Tides", "", "2.1 Spring tides", "Spring tides follow the full moon and the new moon by about two days, be-", "cause the water needs time to answer.", "", "1"],
            ["Handbook of Tides", "", "Neap tides come between them.", "", "2"],
        ]));

        Assert.Equal("application/pdf", read.ContentType);
        Assert.Equal(2, read.PagesTotal);
        Assert.Equal([1, 2], read.Pages.Select(p => p.Number));
        Assert.Contains("Neap tides", read.Pages[1].Text, StringComparison.Ordinal);
        Assert.Contains("by about two days, because the water", read.Text, StringComparison.Ordinal);
        Assert.Contains((BlockKind.Heading, "2.1 Spring tides"), read.Blocks);
    }

    [Fact]
    public async Task Pdf_that_only_holds_pictures_is_said_to_be_scanned()
    {
        SkipWithoutPdfReader();
        Assert.Equal("document_without_text", await RefusalAsync("scan.pdf", PdfFile.Write([[], [], []])));
    }

    [Fact]
    public async Task Pdf_with_a_password_is_said_to_be_protected()
    {
        SkipWithoutPdfReader();
        Assert.Equal("document_encrypted", await RefusalAsync("secret.pdf", PdfFile.Write([["hidden"]], encrypted: true)));
    }

    [Fact]
    public async Task Pdf_that_is_cut_off_is_said_to_be_damaged()
    {
        SkipWithoutPdfReader();
        Assert.Equal("document_damaged", await RefusalAsync("half.pdf", "%PDF-1.4\n1 0 obj\n<< /Type /Cata"u8.ToArray()));
    }

    [Fact]
    public async Task Pdf_with_more_pages_than_allowed_is_refused()
    {
        SkipWithoutPdfReader();
        _limits.MaxPages = 2;
        Assert.Equal("document_too_large", await RefusalAsync("long.pdf", PdfFile.Write([["a"], ["b"], ["c"]])));
    }

    [Fact]
    public async Task Text_longer_than_allowed_is_refused()
    {
        _limits.MaxCharacters = 100;
        Assert.Equal("document_too_large", await RefusalAsync("long.txt", Encoding.UTF8.GetBytes(string.Join("\n\n", Enumerable.Repeat("words and words", 20)))));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n ")]
    public async Task Nothing_is_said_to_be_empty(string text) => Assert.Equal("document_empty", await RefusalAsync("empty.txt", Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task Other_kinds_of_files_are_refused_whatever_their_name()
    {
        var noise = new byte[5_000];
        new Random(1).NextBytes(noise);

        Assert.Equal("document_type_unsupported", await RefusalAsync("picture.txt", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, .. noise]));
        Assert.Equal("document_type_unsupported", await RefusalAsync("letter.docx", "{\\rtf1 Hello}"u8.ToArray()));
        Assert.Equal("document_damaged", await RefusalAsync("broken.docx", [.. "PK\x03\x04"u8, .. noise]));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("windows-1252")]
    [InlineData("windows-1251")]
    public async Task Text_is_read_in_the_encoding_it_is_in(string encoding)
    {
        var text = encoding == "windows-1251" ? "Прилив и отлив сменяют друг друга дважды в сутки, и так каждый день." : "Voilà: naïve café, größer als früher.";
        var bytes = (CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding)).GetBytes(text);

        Assert.Equal(text, (await ReadAsync("letter", bytes)).Text);
    }

    [Fact]
    public async Task What_the_database_cannot_hold_is_left_out()
    {
        var read = await ReadAsync("odd.txt", [.. "before "u8, .. "\0"u8, .. "after"u8, .. " and some more text so that one stray byte does not make a binary file of it"u8, .. Enumerable.Repeat((byte)'.', 400)]);

        Assert.StartsWith("before after and", read.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_decides_only_between_text_and_markdown()
    {
        Assert.Equal("text/markdown", (await ReadAsync("a.md", "# Title\n\nText.")).ContentType);
        Assert.Equal("text/plain", (await ReadAsync("a.txt", "# Title\n\nText.")).ContentType);
        Assert.Equal("text/html", (await ReadAsync("a.md", "<!DOCTYPE html><p>Text.</p>")).ContentType);
    }

    [Fact]
    public async Task Text_without_line_breaks_comes_in_stretches_without_gaps()
    {
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(i => i % 11 == 0 ? "😀" : "word "));
        var read = await ReadAsync("one-line.txt", text);

        Assert.True(read.Pages.Count > 5);
        Assert.All(read.Pages, p => Assert.False(char.IsLowSurrogate(p.Text[0])));
        Assert.Equal(text.TrimEnd().Replace(" ", "", StringComparison.Ordinal), read.Text.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
    }

    private static void SkipWithoutPdfReader() => Assert.SkipUnless(File.Exists("/usr/bin/pdftotext"), "poppler-utils is not installed.");

    private Task<ReadFile> ReadAsync(string name, string text) => ReadAsync(name, Encoding.UTF8.GetBytes(text));

    private async Task<ReadFile> ReadAsync(string name, byte[] bytes)
    {
        var blobs = new BlobStore(Options.Create(new StorageOptions { Path = _folder }), ContentSeal.None);
        using var stream = new MemoryStream(bytes);
        var blob = await blobs.WriteAsync(stream, long.MaxValue, TestContext.Current.CancellationToken);
        var opened = await new DocumentReader(blobs, Options.Create(_limits)).OpenAsync(blob.Sha256, name, TestContext.Current.CancellationToken);
        var pages = new List<ExtractedPage>();
        await foreach (var page in opened.Pages)
        {
            Assert.Equal(pages.Sum(p => p.Text.Length), page.Start);
            pages.Add(page);
        }

        return new ReadFile(opened.ContentType, opened.PagesTotal, pages);
    }

    private async Task<string> RefusalAsync(string name, byte[] bytes) => (await Assert.ThrowsAsync<UnreadableDocumentException>(() => ReadAsync(name, bytes))).Code;

    private sealed record ReadFile(string ContentType, int? PagesTotal, List<ExtractedPage> Pages)
    {
        public string Text => string.Concat(Pages.Select(p => p.Text));

        public IEnumerable<(BlockKind, string)> Blocks => Pages.SelectMany(p => p.Blocks).Select(b => (b.Kind, Text[b.Start..b.End]));
    }
}
