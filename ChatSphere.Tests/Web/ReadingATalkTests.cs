extern alias web;

using ChatSphere.Contracts.Conversations;
using web::ChatSphere.Web.Text;

namespace ChatSphere.Tests.Web;

/// <summary>What a model gets to read of a conversation, and in which language somebody wants it back.</summary>
public sealed class ReadingATalkTests
{
    private static MessageResponse Said(string text, MessageRole role = MessageRole.User, MessageStatus status = MessageStatus.Complete) =>
        new(Guid.NewGuid(), Guid.Empty, Guid.Empty, 1, role, status, text, null, [], null, null, null, DateTimeOffset.UnixEpoch);

    [Fact]
    public void It_is_told_from_its_beginning_with_who_said_what()
    {
        var talk = TalkText.Of([Said("Half written", MessageRole.Assistant, MessageStatus.Generating), Said("Thanks "), Said(" ", MessageRole.Assistant), Said("In March.", MessageRole.Assistant), Said("When?")], "Gardener");
        Assert.Equal("I: When?\n\nGardener: In March.\n\nI: Thanks", talk.All);
        Assert.Equal(("When?\n\nThanks", 3, true), (talk.Asked, talk.Messages, talk.IsWhole));
        Assert.Equal(("", 0, true), TalkText.Of([], "Gardener") is var none ? (none.All, none.Messages, none.IsWhole) : default);
    }

    [Fact]
    public void Of_a_long_one_the_newest_is_told_and_nothing_is_longer_than_the_Api_takes()
    {
        var talk = TalkText.Of(Enumerable.Range(0, 9).Select(i => Said(new string((char)('a' + i), 9_000))), "B");
        Assert.Equal((4, false), (talk.Messages, talk.IsWhole));
        Assert.StartsWith("I: ddd", talk.All, StringComparison.Ordinal);
        Assert.EndsWith("aaa", talk.All, StringComparison.Ordinal);
        Assert.InRange(talk.All.Length, 1, TalkText.Most);
        Assert.InRange(talk.Asked.Length, 1, TalkText.MostToTell);
    }

    [Fact]
    public void A_single_message_longer_than_everything_is_told_from_its_beginning_without_half_characters()
    {
        var talk = TalkText.Of([Said(string.Concat(Enumerable.Repeat("🐝", 30_000)))], "B");
        Assert.Equal((1, false), (talk.Messages, talk.IsWhole));
        Assert.InRange(talk.All.Length, TalkText.Most - 2, TalkText.Most);
        Assert.False(char.IsHighSurrogate(talk.All[^1]));
        Assert.Equal(("🐝", "🐝", "a", "abc"), (TalkText.Start("🐝🐝", 3), TalkText.End("🐝🐝", 3), TalkText.End("🐝a", 2), TalkText.Start("abc", 3)));
    }

    [Theory]
    [InlineData("sv-SE,sv;q=0.9,en;q=0.8", "sv-SE")]
    [InlineData("en;q=0.5, fr", "fr")]
    [InlineData("*", "en")]
    [InlineData("", "en")]
    [InlineData(null, "en")]
    [InlineData(";;;=", "en")]
    public void The_browser_says_what_it_reads(string? accepted, string tag) => Assert.Equal(tag, Tongue.OfBrowser(accepted));

    [Fact]
    public void A_language_has_its_own_name_also_by_a_longer_tag_and_an_unknown_one_its_tag()
    {
        Assert.Equal(new Tongue("pt-BR", "Português"), Tongue.Of("pt-BR"));
        Assert.Equal(new Tongue("tlh", "tlh"), Tongue.Of("tlh"));
        Assert.Equal(Tongue.All.Count, Tongue.All.Select(t => t.Tag).Distinct().Count());
    }
}
