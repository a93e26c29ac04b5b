extern alias web;

using web::ChatSphere.Web.Text;

namespace ChatSphere.Tests.Web;

public sealed class RenderingChannelMessagesTests
{
    private static readonly Guid Ann = Guid.NewGuid();
    private static readonly Guid Keepers = Guid.NewGuid();
    private static readonly Guid General = Guid.NewGuid();
    private static readonly Guid Bee = Guid.NewGuid();

    private static Named? Known(char kind, Guid id) =>
        kind == '@' && id == Ann ? new Named("Ann <b>Berg</b>", IsMine: true)
        : kind == '&' && id == Keepers ? new Named("Keepers")
        : kind == '#' && id == General ? new Named("general", $"/servers/{Keepers}/{General}")
        : null;

    private static string Html(string text, bool mayLink = true) => SafeMarkdown.RenderMessage(text, mayLink, Known, id => id == Bee ? "/content/bee" : null);

    [Fact]
    public void Ids_become_names_and_names_are_only_text()
    {
        Assert.Contains("""<span class="community-mention community-mention-me">@<bdi>Ann &lt;b&gt;Berg&lt;/b&gt;</bdi></span>""", Html($"Hello <@{Ann}>!"), StringComparison.Ordinal);
        Assert.Contains("""<span class="community-mention">@<bdi>Keepers</bdi></span>""", Html($"<@&{Keepers}>"), StringComparison.Ordinal);
        Assert.Contains($"""<a class="community-mention" href="/servers/{Keepers}/{General}">#<bdi>general</bdi></a>""", Html($"in <#{General}>"), StringComparison.Ordinal);
        Assert.Contains("@<bdi>somebody</bdi>", Html($"<@{Guid.NewGuid()}>"), StringComparison.Ordinal);
        Assert.Contains("""src="/content/bee" alt=":bee:" """, Html($"<:bee:{Bee}>"), StringComparison.Ordinal);
        Assert.Equal("<p>:wasp:</p>\n", Html($"<:wasp:{Guid.NewGuid()}>"));
        Assert.Contains("community-mention-me\">@everyone<", Html("@everyone look"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("me@everyone.example")]
    [InlineData("@everyones")]
    [InlineData("`@everyone`")]
    [InlineData("```\n@here\n```")]
    public void What_only_looks_like_a_call_to_all_is_text(string text) => Assert.DoesNotContain("community-mention", Html(text), StringComparison.Ordinal);

    [Fact]
    public void In_code_an_id_is_an_id() => Assert.DoesNotContain("community-mention", Html($"`<@{Ann}>`"), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://docs.example.com/a?b=1")]
    [InlineData("see https://docs.example.com/a?b=1, then go")]
    [InlineData("[the page](https://docs.example.com/a?b=1)")]
    [InlineData("<https://docs.example.com/a?b=1>")]
    public void People_may_link_and_bots_may_not(string text)
    {
        Assert.Contains("""<a class="outside" target="_blank" rel="noopener noreferrer nofollow ugc" href="https://docs.example.com/a?b=1">""", Html(text), StringComparison.Ordinal);
        Assert.DoesNotContain("<a ", Html(text, mayLink: false), StringComparison.Ordinal);
        Assert.Contains("docs.example.com", Html(text, mayLink: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](data:text/html,<script>alert(1)</script>)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("![x](https://evil.example/track.png)")]
    [InlineData("[x](/bff/sign-out)")]
    [InlineData("[x](//evil.example)")]
    [InlineData("<a href=\"https://evil.example\">x</a>")]
    [InlineData("https://you@evil.example/")]
    [InlineData("mailto:you@evil.example")]
    public void Nothing_that_acts_comes_through(string text)
    {
        var html = Html(text);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" href=\"javascript", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" href=\"data", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" href=\"/", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" href=\"mailto", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("you@evil.example/\"", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_line_is_a_line() => Assert.Equal("<p>one<br />\ntwo</p>\n", Html("one\ntwo"));

    [Fact]
    public void What_is_edited_goes_there_and_back()
    {
        var content = $"Hello <@{Ann}> and <@&{Keepers}> in <#{General}>, <:bee:{Bee}> and <@{Guid.NewGuid()}>";
        var (text, tokens) = MessageText.ForEditing(content, Known);
        Assert.StartsWith("Hello @Ann <b>Berg</b> and @Keepers in #general, :bee: and <@", text, StringComparison.Ordinal);
        Assert.Equal(content, MessageText.FromEditing(text, tokens));
        Assert.Equal("@Keepers", MessageText.Plain($"<@&{Keepers}>", Known));
    }

    [Theory]
    [InlineData("🐝", true)]
    [InlineData("🐝 🍯", true)]
    [InlineData("❤️", true)]
    [InlineData("👩‍👩‍👧", true)]
    [InlineData("🐝 yes", false)]
    [InlineData("5", false)]
    [InlineData("", false)]
    public void A_few_emoji_alone_are_shown_large(string text, bool large) => Assert.Equal(large, MessageText.IsJumbo(text));
}
