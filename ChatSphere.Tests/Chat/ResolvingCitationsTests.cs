using ChatSphere.AI.Chat.Citations;
using ChatSphere.AI.Knowledge;
using FsCheck;
using FsCheck.Fluent;

namespace ChatSphere.Tests.Chat;

public sealed class ResolvingCitationsTests
{
    private const string Kettle = "The kettle was made in 1998. It heats one litre of water to 96 degrees in four minutes. Never open the lid while it boils! Cleaning takes vinegar.";

    private static ResolvedCitation One(string answer, params string[] passages) => Assert.Single(CitationResolver.Resolve(answer, Passages(passages)));

    private static List<RetrievedPassage> Passages(params string[] passages) => [.. passages.Select((p, i) => Answering.Passage(p, start: 500 + (i * 10_000)))];

    [Fact]
    public void The_quote_is_the_sentence_that_supports_the_claim_at_its_place_in_the_document()
    {
        var citation = One("Water reaches 96 degrees within 4 minutes [1].", Kettle);

        Assert.Equal("It heats one litre of water to 96 degrees in four minutes.", citation.Quote);
        Assert.Equal(500 + Kettle.IndexOf("It heats", StringComparison.Ordinal), citation.Start);
        Assert.Equal(citation.Start + citation.Quote.Length, citation.End);
    }

    [Theory]
    [InlineData("Do not open the lid while it's boiling. [1]", "Never open the lid while it boils!")]
    [InlineData("[1] Use vinegar for cleaning.", "Cleaning takes vinegar.")]
    [InlineData("- Vinegar cleans it [1]\n- Other things follow", "Cleaning takes vinegar.")]
    [InlineData("It was manufactured in **1998** [2][1].", "The kettle was made in 1998.")]
    public void The_claim_is_found_wherever_the_marker_stands(string answer, string quote) =>
        Assert.Equal(quote, CitationResolver.Resolve(answer, Passages(Kettle, "Nothing."))[0].Quote);

    [Fact]
    public void A_claim_over_two_sentences_is_quoted_with_both() =>
        Assert.Equal(
            "The pump needs oil. Change the filter every year.",
            One("The pump needs oil, and its filter is changed every year [1].", "General advice follows. The pump needs oil. Change the filter every year. Paint is optional.").Quote);

    [Fact]
    public void Verbatim_text_is_quoted_as_a_whole() =>
        Assert.Equal(Kettle[29..117], One($"As it says:\n\n{Kettle[29..117]} [1]", Kettle).Quote);

    [Fact]
    public void When_nothing_stands_out_the_whole_passage_is_the_quote()
    {
        var citation = One("Der Wasserkocher ist prima [1].", "  " + Kettle + "\n");

        Assert.Equal(Kettle, citation.Quote);
        Assert.Equal(502, citation.Start);
    }

    [Fact]
    public void Accents_case_and_inflection_do_not_matter() =>
        Assert.Equal(
            "Der Schlüssel liegt unter der Matte.",
            One("Die SCHLUSSEL liegen unter den Matten [1].", "Das Haus ist alt. Der Schlüssel liegt unter der Matte. Der Garten ist groß.").Quote);

    [Fact]
    public void Chinese_without_spaces_is_matched() =>
        Assert.Equal("默认密码是八位数字。", One("默认的密码为八位[1]。", "设备出厂时已经配置。默认密码是八位数字。请尽快修改它。").Quote);

    [Fact]
    public void Numbers_that_name_no_source_are_not_resolved_and_not_shown()
    {
        var answer = CitationResolver.Check("Water boils [1]. Ice melts [7]. Both [1, 7].", Passages(Kettle));

        Assert.Equal("Water boils [1]. Ice melts. Both [1].", answer.Text);
        Assert.Equal([1], answer.Citations.Select(c => c.Number));
    }

    [Fact]
    public void Each_number_is_resolved_once_in_order()
    {
        var citations = CitationResolver.Resolve("Late [2]. Early [1]. Again [2].", Passages(Kettle, Kettle));

        Assert.Equal([1, 2], citations.Select(c => c.Number));
    }

    [Fact]
    public void Whatever_model_and_document_say_a_quote_is_the_text_at_its_offsets()
    {
        string[] pieces = ["The pump ", "needs oil. ", "\n\n", "e.g. 3.5 mm! ", "[1]", " [2, 9]", "```\n", "`", "水泵需要油。", "\uD83D\uDE00", "\uD83D", "\0", "- a\n", "| x | y |\n", "?", "...", "[", "1.\n", "\r\n", "é", new string('z', 700), "#"];
        var text = Gen.Elements(pieces).ListOf().Select(string.Concat);
        var cases =
            from answer in text
            from first in text
            from second in text
            select (answer, first, second);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var passages = Passages(c.first, c.second);
            var check = CitationResolver.Check(c.answer + "[1][2]", passages);
            return check.Citations.All(r =>
                r.Passage == passages[r.Number - 1]
                && r.Passage.Text.Substring(r.Start - r.Passage.Start, r.End - r.Start) == r.Quote
                && r.Start >= r.Passage.Start && r.End <= r.Passage.End);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }
}
