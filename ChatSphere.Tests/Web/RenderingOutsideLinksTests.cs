extern alias web;

using ChatSphere.Contracts.Conversations;
using web::ChatSphere.Web.Text;

namespace ChatSphere.Tests.Web;

public sealed class RenderingOutsideLinksTests
{
    private static string Html(string text, params string[] hosts) => string.Concat(SafeMarkdown.Render(text, n => n is 1 or 2, linkHosts: hosts));

    [Theory]
    [InlineData("[the policy](https://docs.example.com/a?b=1)")]
    [InlineData("[the policy][p]\n\n[p]: https://docs.example.com/a?b=1")]
    [InlineData("<https://docs.example.com/a?b=1>")]
    [InlineData("![the policy](https://docs.example.com/a?b=1)")]
    [InlineData("[the policy](HTTPS://DOCS.EXAMPLE.COM/a?b=1)")]
    public void An_allowed_host_can_be_gone_to_and_is_always_named(string text)
    {
        var html = Html(text, "docs.example.com");
        Assert.Contains("""<a class="outside" target="_blank" rel="noopener noreferrer nofollow ugc" href="https://docs.example.com/a?b=1">""", html, StringComparison.Ordinal);
        Assert.Contains("docs.example.com", html[html.IndexOf("href", StringComparison.Ordinal)..][60..], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<a ", Html(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[x](https://evil.example/)")]
    [InlineData("[x](https://docs.example.com.evil.example/)")]
    [InlineData("[x](https://docs.example.com@evil.example/)")]
    [InlineData("[x](https://me:pw@docs.example.com/)")]
    [InlineData("[x](//docs.example.com/)")]
    [InlineData("[x](https:docs.example.com)")]
    [InlineData("[x](https:\\\\docs.example.com)")]
    [InlineData("[x](ftp://docs.example.com/)")]
    [InlineData("[x](https://docs.example.com:8443/)")]
    [InlineData("[x](https://dоcs.example.com/)")]
    [InlineData("[x](<https://docs.example.com/\u202Egpj>)")]
    [InlineData("[x](<https://docs.exa\u200Bmple.com/>)")]
    [InlineData("[x](javascript://docs.example.com/%0Aalert(1))")]
    [InlineData("[x](data:text/html,docs.example.com)")]
    [InlineData("<mailto:me@docs.example.com>")]
    [InlineData("<a href=\"https://docs.example.com/\">x</a>")]
    public void Nothing_else_becomes_a_link(string text) => Assert.DoesNotContain("<a ", Html(text, "docs.example.com"), StringComparison.Ordinal);

    [Fact]
    public void Words_cannot_pretend_to_lead_elsewhere()
    {
        var html = Html("[https://bank.example](https://docs.example.com/)", "docs.example.com");
        Assert.EndsWith("""<bdi class="inert-link" dir="ltr">docs.example.com</bdi></p>""", html.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_linked_picture_is_one_link()
    {
        var html = Html("[![x](https://docs.example.com/p.png)](https://docs.example.com/)", "docs.example.com");
        Assert.Equal(2, html.Split("<a ").Length);
        Assert.Equal(2, html.Split("</a>").Length);
    }

    [Fact]
    public void While_it_is_written_nothing_is_linked_unless_the_server_said_so() =>
        Assert.DoesNotContain("<a ", string.Concat(SafeMarkdown.Render("[x](https://docs.example.com/) and", _ => true, growing: true, linkHosts: [])), StringComparison.Ordinal);

    private static string Marked(string text, params string[] stretches) =>
        string.Concat(SafeMarkdown.Render(text, n => n is 1 or 2, unsupported: [.. stretches.Select(s => new TextRange(text.IndexOf(s, StringComparison.Ordinal), text.IndexOf(s, StringComparison.Ordinal) + s.Length))]));

    [Fact]
    public void What_nothing_supports_is_marked_quietly_across_what_is_bold_and_linked()
    {
        const string mark = "<mark class=\"unsupported\" title=\"No source says this\">";
        Assert.Equal($"<p>So it is [9]. {mark}And </mark><strong>{mark}that</mark></strong>{mark} too.</mark> End.</p>", Marked("So it is [9]. And **that** too. End.", "And **that** too.").TrimEnd());
        Assert.Contains($"<li>{mark}Second thing.</mark></li>", Marked("- First thing [1].\n- Second thing.", "Second thing."), StringComparison.Ordinal);
        Assert.Contains("data-cite=\"1\"", Marked("First thing [1]. Second.", "Second."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a `code` b")]
    [InlineData("```\ncode\n```")]
    [InlineData("[x](https://evil.example/)")]
    [InlineData("<b>x</b>")]
    public void The_marks_themselves_never_show(string text)
    {
        var html = string.Concat(SafeMarkdown.Render(text + "\n\n\uE000forged\uE001", _ => false, unsupported: [new TextRange(0, text.Length), new TextRange(0, 9_999), new TextRange(-5, 2), new TextRange(3, 3)]));
        Assert.DoesNotMatch("[\uE000\uE001]", html);
        Assert.DoesNotContain("<mark class=\"unsupported\" title=\"No source says this\">forged", html, StringComparison.Ordinal);
    }
}
