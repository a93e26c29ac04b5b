using ChatSphere.AI.Chat.Citations;

namespace ChatSphere.Tests.Chat;

public sealed class ReadingCitationMarkersTests
{
    [Theory]
    [InlineData("So it is [1].", "1")]
    [InlineData("So it is[1][2].", "1|2")]
    [InlineData("Both [1, 2] and [3;4].", "1,2|3,4")]
    [InlineData("So it is 【1】 [^1] [0] [2024] [a] [] [1", "")]
    [InlineData("A `list[1]` here [2]", "2")]
    [InlineData("A ``li`st[1]`` here [2]", "2")]
    [InlineData("An open ` tick [1]\n\nand another ` tick [2]", "1|2")]
    [InlineData("```cs\nx[1]\n```\nafter [2]", "2")]
    [InlineData("~~~\nx[1]\n```\nx[3]\n~~~\nafter [2]", "2")]
    [InlineData("```\nnever closed [1]", "")]
    [InlineData("````\n```\nx[1]\n````\n[2]", "2")]
    [InlineData("```one line [1]``` [2]", "2")]
    [InlineData(@"escaped \[1] not \\[2]", "2")]
    [InlineData("a [1](https://example.com) link, a [2].", "2")]
    [InlineData("[1]: https://example.com\nbut see [2]: there", "2")]
    [InlineData("它是 96 度[1]。", "1")]
    public void Finds_what_is_a_citation_and_nothing_else(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', CitationMarkers.Find(text).Select(m => string.Join(',', m.Numbers))));

    [Fact]
    public void Places_are_those_of_the_brackets()
    {
        const string text = "So [1] and so [2, 3].";

        Assert.Equal(["[1]", "[2, 3]"], CitationMarkers.Find(text).Select(m => text.Substring(m.Start, m.Length)));
    }

    [Theory]
    [InlineData("So it is [9].", "So it is.")]
    [InlineData("So it is [1, 9].", "So it is [1].")]
    [InlineData("So [9] it [1] is [2].", "So it [1] is [2].")]
    [InlineData("So it is[9][1].", "So it is[1].")]
    [InlineData("Code `a[9]` stays.", "Code `a[9]` stays.")]
    [InlineData("[9] First.", " First.")]
    public void Numbers_that_lead_nowhere_are_taken_out(string text, string expected) => Assert.Equal(expected, CitationMarkers.RemoveUnknown(text, [1, 2]));
}
