using ChatSphere.Data;
using ChatSphere.Data.Notifications;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Worker.Modules.Notifications;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Notifications;

public sealed class ComposingMailsTests
{
    private const string Hostile = "Eve\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>\u2028<a href=\"http://evil.example\">win</a>";
    private static readonly MailComposer Composer = new(Options.Create(new SiteOptions { Origin = "https://chat.example.com" }));

    public static TheoryData<string> Kinds => [.. typeof(MailKinds).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_words_and_what_people_wrote_stays_text(string kind)
    {
        var values = new Dictionary<string, string> { ["name"] = Hostile, ["device"] = Hostile, ["network"] = Hostile, ["when"] = "now", ["change"] = Hostile, ["link"] = "https://chat.example.com/reset-password?token=abc" };
        var mail = Composer.Compose(kind, new MailContent("ann@example.com", values));
        Assert.NotEmpty(mail.Subject);
        Assert.DoesNotContain("Eve", mail.Subject, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", mail.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("evil.example\">", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc:", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MailKinds.ConfirmEmail)]
    [InlineData(MailKinds.ChangeEmail)]
    public void An_address_that_is_not_confirmed_gets_no_word_of_whoever_typed_it(string kind)
    {
        var mail = Composer.Compose(kind, new MailContent("victim@example.com", new() { ["name"] = "You have won, see evil.example", ["link"] = "https://chat.example.com/confirm-email?token=abc" }));
        Assert.DoesNotContain("evil.example", mail.Text + mail.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/reset-password?token=abc")]
    [InlineData("https://chat.example.com.evil.example/")]
    [InlineData("https://chat.example.com@evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/reset-password")]
    public void A_link_leads_to_this_site_or_there_is_no_mail(string link) =>
        Assert.Throws<InvalidOperationException>(() => Composer.Compose(MailKinds.ResetPassword, new MailContent("ann@example.com", new() { ["link"] = link })));

    [Theory]
    [InlineData("ann@example.com\r\nBcc: all@example.com")]
    [InlineData("not an address")]
    [InlineData("")]
    public async Task An_address_that_is_none_is_refused(string to)
    {
        var sender = new MailSender(Options.Create(new MailOptions { Folder = Path.GetTempPath() }), Options.Create(new SiteOptions()), TimeProvider.System);
        await Assert.ThrowsAsync<MailRefusedException>(() => sender.SendAsync(Guid.NewGuid(), MailKinds.ConfirmEmail, to, new ComposedMail("S", "T", "H"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mail_goes_to_a_server_as_it_was_composed()
    {
        using var smtp = new SmtpListener();
        var sender = new MailSender(
            Options.Create(new MailOptions { Host = "127.0.0.1", Port = smtp.Port, Security = MailSecurity.None, From = "ChatSphere <chat@example.org>" }), Options.Create(new SiteOptions()), TimeProvider.System);
        var composed = Composer.Compose(MailKinds.SecurityChanged, new MailContent("ann@example.com", new() { ["name"] = "Ånn 🦊", ["change"] = "Your password was changed." }));
        await sender.SendAsync(Guid.NewGuid(), MailKinds.SecurityChanged, "ann@example.com", composed, TestContext.Current.CancellationToken);
        var mail = Assert.Single(smtp.Mails);
        Assert.Equal(composed.Subject, mail.Subject);
        Assert.Contains("Hello Ånn 🦊,", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Your password was changed.", mail.Html, StringComparison.Ordinal);

        // Without encryption where it is asked for, nothing is sent.
        var strict = new MailSender(Options.Create(new MailOptions { Host = "127.0.0.1", Port = smtp.Port }), Options.Create(new SiteOptions()), TimeProvider.System);
        await Assert.ThrowsAsync<MailRefusedException>(() => strict.SendAsync(Guid.NewGuid(), MailKinds.SecurityChanged, "ann@example.com", composed, TestContext.Current.CancellationToken));
        Assert.Single(smtp.Mails);
    }
}
