using System.Diagnostics;
using ChatSphere.Data.Communities;

namespace ChatSphere.Tests.Search;

public sealed class MessageQueryTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static MessageQuery Parse(string text) => MessageQuery.TryParse(text, TimeZoneInfo.Utc, out var query) is { } wrong ? throw new InvalidOperationException(wrong) : query;

    [Fact]
    public void Words_phrases_and_operators_come_apart_and_minus_says_no()
    {
        var query = Parse("honey \"queen bee\" -wasp -\"old hive\" from:Ann -from:\"Eve Adams\" in:#general server:\"Bee keepers\" mentions:me has:link -has:image is:pinned");
        Assert.Equal([new("honey", false), new("queen bee", false), new("wasp", true), new("old hive", true)], query.Terms);
        Assert.Equal([("Ann", false), ("Eve Adams", true)], query.From);
        Assert.Equal([("#general", false)], query.In);
        Assert.Equal([("Bee keepers", false)], query.Server);
        Assert.Equal([("me", false)], query.Mentions);
        Assert.Equal((MessageHolds.Link, MessageHolds.Image, true), (query.Has, query.HasNot, query.IsPinned));
    }

    [Theory]
    [InlineData("https://example.org/a:b")]
    [InlineData("12:30")]
    [InlineData("subject:tea")]
    [InlineData("a & ! | b")]
    [InlineData("%_\\")]
    [InlineData("'; drop table x; --")]
    [InlineData("🐝")]
    [InlineData("-")]
    [InlineData("--x")]
    public void What_is_no_operator_is_words(string text)
    {
        var query = Parse(text);
        Assert.NotEmpty(query.Terms);
        Assert.Empty(query.From.Concat(query.In).Concat(query.Server).Concat(query.Mentions));
    }

    [Fact]
    public void Quotes_that_do_not_close_end_with_the_text()
    {
        Assert.Equal([new("never closed", false)], Parse("\"never closed").Terms);
        Assert.Equal([("Ann B", false)], Parse("from:\"Ann B").From);
        Assert.Empty(Parse("\"\" \"").Terms);
    }

    [Theory]
    [InlineData("before:9999-99-99")]
    [InlineData("after:yesterday")]
    [InlineData("on:2026-02-30")]
    [InlineData("on:0001-01-01")]
    [InlineData("-before:2026-01-01")]
    [InlineData("has:everything")]
    [InlineData("is:good")]
    [InlineData("from:")]
    [InlineData("in: general")]
    public void What_an_operator_does_not_take_is_said(string text) => Assert.NotNull(MessageQuery.TryParse(text, TimeZoneInfo.Utc, out _));

    [Theory]
    [InlineData("on:2026-03-27", "2026-03-26T23:00", "2026-03-27T23:00")]
    [InlineData("on:2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00")]
    [InlineData("on:2026-03", "2026-02-28T23:00", "2026-03-31T22:00")]
    [InlineData("on:2026", "2025-12-31T23:00", "2026-12-31T23:00")]
    [InlineData("after:2026-03-27", "2026-03-27T23:00", null)]
    [InlineData("before:2026-03-27", null, "2026-03-26T23:00")]
    [InlineData("after:2026-03-27 before:2026-04-01 before:2026-05-01", "2026-03-27T23:00", "2026-03-31T22:00")]
    public void Days_are_those_of_the_persons_time_zone(string text, string? from, string? to)
    {
        Assert.Null(MessageQuery.TryParse(text, Berlin, out var query));
        Assert.Equal((Utc(from), Utc(to)), (query.After, query.Before));

        static DateTimeOffset? Utc(string? at) => at is null ? null : DateTimeOffset.Parse(at + "Z", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Whatever_is_typed_is_a_query_or_a_sentence_and_costs_little()
    {
        string[] pieces = ["from:", "in:", "has:link", "\"", "-", " ", "a", "漢", "🐝", ":", "before:2026-01-01", "&|!()", "\\", "%", "\t", "is:pinned"];
        var random = new Random(44);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (MessageQuery.TryParse(text, TimeZoneInfo.Utc, out var query) is null)
            {
                Assert.True(query.Terms.Count + query.From.Count + query.In.Count <= MessageQuery.MostParts);
                Assert.All(query.Terms, t => Assert.NotEmpty(t.Text));
            }
        }

        Assert.NotNull(MessageQuery.TryParse(string.Concat(Enumerable.Repeat("from:a ", 500)), TimeZoneInfo.Utc, out _));
        Assert.NotNull(MessageQuery.TryParse(string.Concat(Enumerable.Repeat("a ", 31)), TimeZoneInfo.Utc, out _));
        Assert.NotNull(MessageQuery.TryParse(new string('x', 501), TimeZoneInfo.Utc, out _));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Nothing_but_exclusions_asks_for_nothing()
    {
        Assert.False(Parse("-wasp -from:ann -has:link -is:pinned").AsksForSomething);
        Assert.True(Parse("-wasp in:general").AsksForSomething);
    }

    [Fact]
    public void Scripts_without_spaces_are_cut_at_each_character_and_others_are_not()
    {
        Assert.Equal("bee", MessageIndex.Words("bee"));
        Assert.Equal("\u0004蜂\u0004\u0004蜜\u0004 honey", MessageIndex.Words("蜂蜜 honey"));
    }
}
