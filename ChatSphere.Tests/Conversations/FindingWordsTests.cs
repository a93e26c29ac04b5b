using ChatSphere.Data.Conversations;

namespace ChatSphere.Tests.Conversations;

/// <summary>The search for words in texts that the database cannot read.</summary>
public sealed class FindingWordsTests
{
    [Theory]
    [InlineData("kettle", "The KETTLE whistles.", "KETTLE")]
    [InlineData("whistles kettle", "The kettle whistles.", "kettle whistles")]
    [InlineData("kettle tea", "The kettle whistles.", null)]
    [InlineData("kettle or tea", "Tea is ready.", "Tea")]
    [InlineData("\"kettle whistles\"", "The kettle, whistles.", "kettle whistles")]
    [InlineData("\"whistles kettle\"", "The kettle whistles.", null)]
    [InlineData("kettle -aunt", "My aunt's kettle", null)]
    [InlineData("kettle -\"my aunt\"", "The aunt and my kettle", "kettle")]
    [InlineData("-kettle", "Tea is ready.", "")]
    [InlineData("ket", "The kettle whistles.", null)]
    [InlineData("well-known", "A well known and a well-known tea", "well known well known")]
    [InlineData("größe ЧАЙ", "Die GRÖSSE nicht, die Größe: чай", "Größe чай")]
    [InlineData("茶", "緑 茶 です", "茶")]
    [InlineData("or kettle", "kettle or pot", "kettle or")]
    [InlineData("--", "a", null)]
    [InlineData("\"unclosed phrase", "an unclosed phrase here", "unclosed phrase")]
    public void Words_are_found_as_plain_texts_are_searched(string query, string text, string? found)
    {
        var words = MessageWords.Parse(query);
        var matches = words.IsEmpty ? null : words.Find(text);
        Assert.Equal(found, matches is null ? null : string.Join(' ', matches.Select(m => text[m])));
    }

    [Fact]
    public void The_excerpt_holds_the_first_match_and_one_further_on_and_says_where_they_are()
    {
        var filler = string.Join(' ', Enumerable.Repeat("word 😀", 200));
        var text = $"{filler} the kettle {filler} another kettle {filler}";
        var (excerpt, matches) = MessageWords.Excerpt(text, MessageWords.Parse("kettle").Find(text)!);
        Assert.Equal(["kettle", "kettle"], matches.Select(m => excerpt[m]));
        Assert.InRange(excerpt.Length, 200, 600);
        Assert.Contains(" … ", excerpt, StringComparison.Ordinal);
        Assert.Equal(excerpt, excerpt.Normalize());

        var (whole, none) = MessageWords.Excerpt("short", []);
        Assert.Equal(("short", 0), (whole, none.Count));
    }

    [Fact]
    public void No_text_and_no_query_breaks_it()
    {
        var random = new Random(4711);
        var letters = "ab \"-\u0301\ud83d\ude00é, or\n".ToCharArray();
        for (var i = 0; i < 20_000; i++)
        {
            string Any(int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => letters[random.Next(letters.Length)]));
            var (query, text) = (MessageWords.Parse(Any(20)), Any(400));
            if (!query.IsEmpty && query.Find(text) is { } matches)
            {
                var (excerpt, moved) = MessageWords.Excerpt(text, matches);
                Assert.All(moved, m => Assert.NotEmpty(excerpt[m]));
            }
        }
    }
}
