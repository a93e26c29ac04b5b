extern alias web;

using Microsoft.Extensions.Configuration;
using web::ChatSphere.Web.Hosting;
using web::ChatSphere.Web.Sessions;

namespace ChatSphere.Tests.Web;

public sealed class SigningInTests
{
    [Theory]
    [InlineData("/chat/1?x=%2F#y", "/chat/1?x=%2F#y")]
    [InlineData(null, "/chat")]
    [InlineData("", "/chat")]
    [InlineData("chat", "/chat")]
    [InlineData("https://evil.example/", "/chat")]
    [InlineData("//evil.example/", "/chat")]
    [InlineData("/\\evil.example/", "/chat")]
    [InlineData("/\t/evil.example/", "/chat")]
    [InlineData("/sign-in?returnUrl=%2Fsign-in", "/chat")]
    [InlineData("javascript:alert(1)", "/chat")]
    public void People_are_taken_back_to_this_site_only(string? url, string expected) => Assert.Equal(expected, SignInCookie.LocalOr(url, "/chat"));

    [Fact]
    public void A_sealed_value_opens_with_its_key_for_its_purpose_in_its_place_only()
    {
        var box = Box("an encryption key of more than thirty-two bytes");
        var value = box.Seal("sessions", "a", "tokens"u8);
        Assert.Equal("tokens"u8.ToArray(), box.Open("sessions", "a", value));
        Assert.Null(box.Open("sessions", "b", value));
        Assert.Null(box.Open("keys", "a", value));
        Assert.Null(Box("another encryption key of more than thirty-two bytes").Open("sessions", "a", value));
        value[^1] ^= 1;
        Assert.Null(box.Open("sessions", "a", value));
        Assert.Null(box.Open("sessions", "a", []));
    }

    [Fact]
    public void A_short_key_is_refused_with_the_name_of_the_setting() =>
        Assert.Contains("Encryption:Key", Assert.Throws<InvalidOperationException>(() => Box("short")).Message, StringComparison.Ordinal);

    private static SecretBox Box(string key) => new(new ConfigurationBuilder().AddInMemoryCollection([new("Encryption:Key", key)]).Build());
}
