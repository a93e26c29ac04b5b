using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

/// <summary>A deployment with a mail server, where e-mails have to be confirmed.</summary>
public sealed class MailServerApp : ChatSphereApp
{
    public SmtpListener Smtp { get; } = new();

    protected override IEnumerable<(string Resource, string Variable, string Value)> Settings => base.Settings.Concat(
    [
        ("api", "Mail__Host", "127.0.0.1"),
        ("worker", "Mail__Host", "127.0.0.1"),
        ("worker", "Mail__Port", Smtp.Port.ToString(CultureInfo.InvariantCulture)),
        ("worker", "Mail__Security", "None"),
        ("worker", "Mail__From", "ChatSphere <chat@example.org>"),
    ]);

    public Task<Mail> ArrivedAsync(string subject, string to) => Person.EventuallyAsync(
        () => Task.FromResult(Smtp.Mails.LastOrDefault(m => m.Subject == subject && m.To.Contains(to, StringComparison.OrdinalIgnoreCase))!), m => m is not null, seconds: 60);
}

public sealed class ConfirmingEmailTests(MailServerApp app) : IClassFixture<MailServerApp>
{
    private const string Confirm = "Confirm your e-mail";

    [Fact]
    public async Task Nobody_signs_in_before_confirming_and_registering_twice_looks_the_same()
    {
        var client = await app.AnonymousAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        app.Smtp.NotYet = 1;
        var first = await RegisterAsync(client, email, Person.Password);
        await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, "not the right one")).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, Person.Password)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.EmailNotConfirmed);

        // The server said "later" once; the queue tried again.
        var mail = await app.ArrivedAsync(Confirm, email);
        Assert.True(app.Smtp.Attempts >= 2);
        Assert.Contains("From: \"ChatSphere\" <chat@example.org>", mail.Raw.Replace("From: ChatSphere <", "From: \"ChatSphere\" <", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", mail.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsJsonAsync("/v1/accounts/email/confirm", new EmailTokenRequest(mail.Token))).StatusCode);
        await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, Person.Password))).ReadAsync<TokenResponse>();

        var second = await RegisterAsync(client, email, "somebody else tries 99");
        Assert.Equal(first, second);
        Assert.DoesNotContain("?token=", (await app.ArrivedAsync("You already have an account", email)).Text, StringComparison.Ordinal);
        await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, "somebody else tries 99")).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, Person.Password))).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task A_password_that_breaks_a_rule_is_named_whether_the_address_is_taken_or_not()
    {
        var client = await app.AnonymousAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await RegisterAsync(client, email, Person.Password);
        foreach (var address in (string[])[email, $"{Guid.NewGuid():n}@example.com"])
        {
            var problem = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(address, "password1234", "N")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
            Assert.Contains("password", problem.Errors!.Keys);
        }
    }

    [Fact]
    public async Task Who_registers_an_address_before_its_owner_has_nothing_of_it()
    {
        var client = await app.AnonymousAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await RegisterAsync(client, email, "the squatter waits 77");
        await app.ArrivedAsync(Confirm, email);
        await using (var database = await app.DatabaseAsync())
        {
            // A minute later, for the limit of mails.
            await database.ExecuteAsync("update notifications.outgoing_mails set created_at = created_at - interval '2 minutes' where account_id = (select id from accounts.accounts where email = $1)", email);
        }

        await RegisterAsync(client, email, "the true owner comes 88");
        var mails = await Person.EventuallyAsync(() => Task.FromResult(app.Smtp.Mails.Where(m => m.Subject == Confirm && m.To.Contains(email, StringComparison.Ordinal)).ToList()), m => m.Count == 2, seconds: 60);
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsJsonAsync("/v1/accounts/email/confirm", new EmailTokenRequest(mails[1].Token))).StatusCode);
        await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, "the squatter waits 77")).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, "the true owner comes 88"))).ReadAsync<TokenResponse>();
        await client.PostAsJsonAsync("/v1/accounts/email/confirm", new EmailTokenRequest(mails[0].Token)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
    }

    private static async Task<string> RegisterAsync(HttpClient client, string email, string password)
    {
        using var response = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, password, "<b>Ann</b>"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return $"{response.StatusCode} {await response.Content.ReadAsStringAsync()} {string.Join(',', response.Headers.Where(h => !h.Key.StartsWith("RateLimit", StringComparison.Ordinal)).Select(h => h.Key).Order())}";
    }
}
