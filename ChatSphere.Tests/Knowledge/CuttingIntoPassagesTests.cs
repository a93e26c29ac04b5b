using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using FsCheck;
using FsCheck.Fluent;

namespace ChatSphere.Tests.Knowledge;

public sealed class CuttingIntoPassagesTests
{
    private static readonly string[] Pieces =
        ["word", "Another", "e.g. this", "42", "3.14", "日本語のテキスト。", "😀", "👩‍👩‍👧‍👦", "e\u0301", "z\u0351\u0352\u0353", ". ", "! ", "? ", "\n", "\t", "  ", "—", "…", "supercalifragilistic", "данные", new string('x', 700), "\"quoted.\" ", "-----"];

    [Fact]
    public void Every_passage_is_the_text_at_its_place_and_every_word_is_in_one()
    {
        var kinds = Gen.Elements(BlockKind.Paragraph, BlockKind.Paragraph, BlockKind.Paragraph, BlockKind.Heading, BlockKind.ListItem, BlockKind.TableHeader, BlockKind.TableRow, BlockKind.Code, BlockKind.Contents);
        var blocks = kinds.SelectMany(kind => Gen.Choose(1, 5).SelectMany(level => Gen.Choose(0, 120).SelectMany(length => Gen.ArrayOf(Gen.Elements(Pieces), length).Select(pieces => (kind, level, string.Join(' ', pieces))))));
        var documents = Gen.Choose(0, 25).SelectMany(count => Gen.ArrayOf(blocks, count));

        Prop.ForAll(documents.ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void Heading_begins_a_passage_and_names_it()
    {
        var chunks = Cut("handbook.md", (BlockKind.Heading, 1, "Tides"), (BlockKind.Paragraph, 0, Sentences(4)), (BlockKind.Heading, 2, "Neap tides"), (BlockKind.Paragraph, 0, Sentences(4)));

        Assert.Equal(["Tides", "Tides › Neap tides"], chunks.Select(c => c.Heading));
        Assert.StartsWith("Neap tides", chunks[1].Text, StringComparison.Ordinal);
        Assert.Equal("handbook › Tides › Neap tides", chunks[1].Context);
    }

    [Fact]
    public void Long_text_is_cut_at_sentences_near_the_target_and_overlaps()
    {
        var chunks = Cut("long.txt", (BlockKind.Paragraph, 0, Sentences(200)));

        Assert.All(chunks, c => Assert.EndsWith(".", c.Text, StringComparison.Ordinal));
        Assert.All(chunks.SkipLast(1), c => Assert.InRange(TokenEstimate.Of(c.Text), DocumentChunker.TargetTokens * 2 / 3, DocumentChunker.TargetTokens * 4 / 3));
        Assert.All(chunks.Zip(chunks.Skip(1)), both => Assert.InRange(both.First.End - both.Second.Start, 1, 400));
    }

    [Fact]
    public void Later_rows_of_a_table_are_found_by_its_column_names()
    {
        var rows = Enumerable.Range(0, 120).Select(i => (BlockKind.TableRow, 0, $"station {i} | {i * 3} | harbour number {i}")).ToArray();
        var chunks = Cut("stations.docx", [(BlockKind.TableHeader, 0, "name | metres | place"), .. rows]);

        Assert.True(chunks.Count > 2);
        Assert.All(chunks.Skip(1), c => Assert.EndsWith("name | metres | place", c.Context, StringComparison.Ordinal));
        Assert.All(chunks, c => Assert.StartsWith(c.Ordinal == 0 ? "name" : "station", c.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Table_of_contents_is_in_the_text_and_in_no_passage()
    {
        var chunks = Cut("book.pdf", (BlockKind.Contents, 0, "1 Tides … 3\n2 Winds … 9"), (BlockKind.Paragraph, 0, Sentences(3)));

        Assert.DoesNotContain("…", Assert.Single(chunks).Text, StringComparison.Ordinal);
    }

    private static void Holds((BlockKind Kind, int Level, string Text)[] blocks)
    {
        var (text, pages) = Compose(blocks);
        var chunks = Cut("property.txt", pages);
        var covered = new bool[text.Length];
        for (var i = 0; i < chunks.Count; i++)
        {
            var chunk = chunks[i];
            Assert.Equal(i, chunk.Ordinal);
            Assert.Equal(text[chunk.Start..chunk.End], chunk.Text);
            Assert.False(char.IsLowSurrogate(chunk.Text[0]) || char.IsHighSurrogate(chunk.Text[^1]));
            Assert.InRange(TokenEstimate.Of(chunk.Text), 1, DocumentChunker.TargetTokens * 2);
            Assert.True(i == 0 || (chunk.Start > chunks[i - 1].Start && chunk.End > chunks[i - 1].End), "passages go forward");
            Array.Fill(covered, true, chunk.Start, chunk.End - chunk.Start);
        }

        foreach (var block in pages.SelectMany(p => p.Blocks).Where(b => b.Kind != BlockKind.Contents))
        {
            for (var i = block.Start; i < block.End; i++)
            {
                // A passage without a word (only signs) is not made.
                Assert.True(covered[i] || !char.IsLetterOrDigit(text[i]), $"{text[i]} at {i} is in no passage");
            }
        }
    }

    private static string Sentences(int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"The tide of day {i} rises slowly and falls again before the evening comes."));

    private static List<ChunkDraft> Cut(string name, params (BlockKind Kind, int Level, string Text)[] blocks) => Cut(name, Compose(blocks).Pages);

    private static List<ChunkDraft> Cut(string name, List<ExtractedPage> pages)
    {
        var chunker = new DocumentChunker(name, hasPages: false);
        var chunks = new List<ChunkDraft>();
        pages.ForEach(p => chunker.Add(p, chunks));
        chunker.Complete(chunks);
        return chunks;
    }

    /// <summary>A page after every third block.</summary>
    private static (string Text, List<ExtractedPage> Pages) Compose((BlockKind Kind, int Level, string Text)[] blocks)
    {
        var all = new StringBuilder();
        var pages = new List<ExtractedPage>();
        foreach (var group in blocks.Chunk(3))
        {
            var start = all.Length;
            var placed = new List<ExtractedBlock>();
            foreach (var (kind, level, text) in group)
            {
                placed.Add(new ExtractedBlock(kind, level, all.Length, all.Length + text.Length));
                all.Append(text).Append("\n\n");
            }

            pages.Add(new ExtractedPage(pages.Count + 1, start, all.ToString(start, all.Length - start), placed));
        }

        return (all.ToString(), pages);
    }
}
