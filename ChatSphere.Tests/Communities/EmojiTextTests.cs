using ChatSphere.Data.Communities;

namespace ChatSphere.Tests.Communities;

public sealed class EmojiTextTests
{
    [Theory]
    [InlineData("👍", "👍")]
    [InlineData("❤", "❤️")]
    [InlineData("❤️", "❤️")]
    [InlineData("👩‍❤️‍👨", "👩‍❤️‍👨")]
    [InlineData("👩‍❤‍👨", "👩‍❤️‍👨")]
    [InlineData("🏳️‍🌈", "🏳‍🌈")]
    [InlineData("👍🏿", "👍🏿")]
    [InlineData("🇩🇪", "🇩🇪")]
    [InlineData("1️⃣", "1️⃣")]
    [InlineData("1⃣", "1️⃣")]
    [InlineData("🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿")]
    [InlineData("☺", "☺️")]
    public void One_emoji_has_one_form(string text, string form) => Assert.Equal(form, EmojiText.OneOf(text));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("1")]
    [InlineData("👍a")]
    [InlineData("👍👍")]
    [InlineData("🇩")]
    [InlineData("‍👍")]
    [InlineData("👍‍")]
    [InlineData("️")]
    [InlineData("🏴󠁧󠁢")]
    [InlineData("🏿🏿🏿")]
    public void What_is_more_or_less_is_none(string text) => Assert.Null(EmojiText.OneOf(text));
}
