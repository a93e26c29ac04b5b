using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Notifications;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class MailedLinksTests(ChatSphereApp app)
{
    private const string NewPassword = "seven blue wheelbarrows 12";

    [Fact]
    public async Task A_forgotten_password_is_set_anew_by_mail_and_everything_old_ends()
    {
        var ann = await app.SomebodyAsync("Ann");
        Assert.Equal(HttpStatusCode.Accepted, (await ForgotAsync(ann.Client, ann.Account.Email)).StatusCode);
        var mail = await app.MailAsync(MailKinds.ResetPassword, ann.Account.Email);
        Assert.Equal("Set a new password", mail.Subject);
        Assert.Contains("Hello Ann,", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"{(await app.AddressOfAsync("web")).GetLeftPart(UriPartial.Authority)}/reset-password?token=", mail.Text, StringComparison.Ordinal);

        // A password that breaks a rule does not cost the link.
        await ResetAsync(ann.Client, mail.Token, "password1234").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(HttpStatusCode.NoContent, (await ResetAsync(ann.Client, mail.Token, NewPassword)).StatusCode);
        await ResetAsync(ann.Client, mail.Token, "eight blue wheelbarrows 12").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);

        await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(ann.Tokens.RefreshToken)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);
        await Person.EventuallyAsync(async () => (await ann.GetAsync("/v1/accounts/me")).StatusCode, s => s == HttpStatusCode.Unauthorized, seconds: 20);
        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, Person.Password)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
        await (await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(ann.Account.Email, NewPassword))).ReadAsync<TokenResponse>();
        Assert.Contains("reset", (await app.MailAsync(MailKinds.SecurityChanged, ann.Account.Email)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_dies_with_a_change_of_the_password_and_opens_nothing_else()
    {
        var ann = await app.SomebodyAsync();
        await ForgotAsync(ann.Client, ann.Account.Email);
        var token = (await app.MailAsync(MailKinds.ResetPassword, ann.Account.Email)).Token;
        foreach (var path in (string[])["email/confirm", "email/change"])
        {
            await ann.Client.PostAsJsonAsync($"/v1/accounts/{path}", new EmailTokenRequest(token)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        }

        await ann.SendAsync(HttpMethod.Get, "/v1/accounts/me", configure: r => r.Headers.Authorization = new("Bearer", token)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
        await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(token)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest(Person.Password, NewPassword))).StatusCode);
        await ResetAsync(ann.Client, token, "eight blue wheelbarrows 12").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        await ResetAsync(ann.Client, "AAAA", "eight blue wheelbarrows 12").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
    }

    [Fact]
    public async Task Twenty_at_once_with_one_link_set_one_password()
    {
        var ann = await app.SomebodyAsync();
        await ForgotAsync(ann.Client, ann.Account.Email);
        var token = (await app.MailAsync(MailKinds.ResetPassword, ann.Account.Email)).Token;
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => (await ResetAsync(ann.Client, token, $"seven blue wheelbarrows {i}")).StatusCode));
        Assert.Single(statuses, HttpStatusCode.NoContent);
        Assert.Equal(19, statuses.Count(s => s == HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Asking_tells_nobody_who_has_an_account_and_fills_no_mailbox()
    {
        var ann = await app.SomebodyAsync();
        var answers = new List<string>();
        foreach (var email in (string[])[ann.Account.Email, $"{Guid.NewGuid():n}@example.com", ann.Account.Email, ann.Account.Email.ToUpperInvariant()])
        {
            foreach (var path in (string[])["password/forgot", "email/confirmations"])
            {
                using var response = await ann.Client.PostAsJsonAsync($"/v1/accounts/{path}", new EmailRequest(email));
                answers.Add($"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
            }
        }

        Assert.Equal("Accepted ", Assert.Single(answers.Distinct()));
        await app.MailAsync(MailKinds.ResetPassword, ann.Account.Email);
        await app.MailAsync(MailKinds.ConfirmEmail, ann.Account.Email);
        Assert.Single(app.Mails(MailKinds.ResetPassword, ann.Account.Email));
        Assert.Single(app.Mails(MailKinds.ConfirmEmail, ann.Account.Email));
    }

    [Fact]
    public async Task Looking_at_a_link_changes_nothing_and_a_button_does()
    {
        var ann = await app.SomebodyAsync();
        await ForgotAsync(ann.Client, ann.Account.Email);
        await ann.Client.PostAsJsonAsync("/v1/accounts/email/confirmations", new EmailRequest(ann.Account.Email));
        var reset = await app.MailAsync(MailKinds.ResetPassword, ann.Account.Email);
        var confirm = await app.MailAsync(MailKinds.ConfirmEmail, ann.Account.Email);
        using var scanner = new HttpClient { BaseAddress = await app.AddressOfAsync("web") };
        foreach (var path in (string[])[$"/reset-password?token={reset.Token}", $"/confirm-email?token={confirm.Token}"])
        {
            using var head = await scanner.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            using var get = await scanner.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, get.StatusCode);
            Assert.Contains("no-store", get.Headers.CacheControl?.ToString() ?? "", StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await ann.Client.PostAsJsonAsync("/v1/accounts/email/confirm", new EmailTokenRequest(confirm.Token))).StatusCode);
        await ann.Client.PostAsJsonAsync("/v1/accounts/email/confirm", new EmailTokenRequest(confirm.Token)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        Assert.Equal(HttpStatusCode.NoContent, (await ResetAsync(ann.Client, reset.Token, NewPassword)).StatusCode);
    }

    [Fact]
    public async Task The_email_changes_when_the_new_address_says_so_and_the_old_one_is_told()
    {
        var ann = await app.SomebodyAsync();
        var (old, next) = (ann.Account.Email, $"{Guid.NewGuid():n}@example.com");
        Assert.Equal(HttpStatusCode.Accepted, (await ann.PostAsync("/v1/accounts/me/email", new ChangeEmailRequest(next))).StatusCode);
        Assert.Contains("was asked for", (await app.MailAsync(MailKinds.SecurityChanged, old)).Text, StringComparison.Ordinal);
        var mail = await app.MailAsync(MailKinds.ChangeEmail, next);
        Assert.Equal(old, (await ann.GetAsync<AccountResponse>("/v1/accounts/me")).Email);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Client.PostAsJsonAsync("/v1/accounts/email/change", new EmailTokenRequest(mail.Token))).StatusCode);
        await ann.Client.PostAsJsonAsync("/v1/accounts/email/change", new EmailTokenRequest(mail.Token)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        Assert.Equal(next, (await ann.GetAsync<AccountResponse>("/v1/accounts/me")).Email);
        await app.MailAsync(MailKinds.EmailChanged, old);
        await (await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(next, Person.Password))).ReadAsync<TokenResponse>();
        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(old, Person.Password)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.CredentialsInvalid);
    }

    [Fact]
    public async Task An_address_that_somebody_else_has_is_not_told_apart_and_not_taken()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        Assert.Equal(HttpStatusCode.Accepted, (await eve.PostAsync("/v1/accounts/me/email", new ChangeEmailRequest(ann.Account.Email))).StatusCode);
        await app.MailAsync(MailKinds.AccountExists, ann.Account.Email);
        Assert.Empty(app.Mails(MailKinds.ChangeEmail, ann.Account.Email));
    }

    [Fact]
    public async Task A_sent_mail_is_forgotten_and_never_sent_twice()
    {
        var ann = await app.SomebodyAsync();
        await ForgotAsync(ann.Client, ann.Account.Email);
        await app.MailAsync(MailKinds.ResetPassword, ann.Account.Email);
        await using var database = await app.DatabaseAsync();
        await Person.EventuallyAsync(
            () => database.AskAsync("select count(*) from notifications.outgoing_mails where account_id = $1 and kind = 'reset_password' and sent_at is not null and sealed_content is null", ann.Account.Id), n => n is 1L);

        // Published once more, as after a crash of the relay.
        Assert.Equal(1, await database.ExecuteAsync(
            "update messaging.outbox set published_at = null where type = 'notifications.mail-queued.v1' and payload::text like '%' || (select id from notifications.outgoing_mails where account_id = $1 and kind = 'reset_password') || '%'",
            ann.Account.Id));
        await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest(Person.Password, NewPassword));
        await app.MailAsync(MailKinds.SecurityChanged, ann.Account.Email);
        await Person.EventuallyAsync(() => database.AskAsync("select count(*) from messaging.outbox where type = 'notifications.mail-queued.v1' and published_at is null"), n => n is 0L);
        Assert.Single(app.Mails(MailKinds.ResetPassword, ann.Account.Email));
    }

    private static Task<HttpResponseMessage> ForgotAsync(HttpClient client, string email) => client.PostAsJsonAsync("/v1/accounts/password/forgot", new EmailRequest(email));

    private static Task<HttpResponseMessage> ResetAsync(HttpClient client, string token, string password) => client.PostAsJsonAsync("/v1/accounts/password/reset", new ResetPasswordRequest(token, password));
}
