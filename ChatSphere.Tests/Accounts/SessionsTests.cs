using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Notifications;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class SessionsTests(ChatSphereApp app)
{
    [Fact]
    public async Task Devices_are_listed_and_ended_one_by_one_and_all_together()
    {
        var ann = await app.SomebodyAsync();
        var phone = await SignInAsync(ann, "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1", "198.51.100.20");
        var laptop = await SignInAsync(ann, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "2001:db8:7:1::9");
        var sessions = await ann.GetAsync<List<SessionResponse>>("/v1/accounts/me/sessions");
        Assert.Equal(3, sessions.Count);
        Assert.Single(sessions, s => s.IsCurrent);
        var onPhone = Assert.Single(sessions, s => s.Device == "Safari on iPhone" && s.Network == "198.51.100.0/24");
        Assert.Single(sessions, s => s.Device == "Firefox on Linux" && s.Network == "2001:db8:7::/48");
        Assert.Equal(["pwd"], onPhone.Methods);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/sessions/{onPhone.Id}")).StatusCode);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/sessions/{onPhone.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await EndedAsync(phone);
        await GoesOnAsync(laptop);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/sessions")).StatusCode);
        await EndedAsync(laptop);
        Assert.True(Assert.Single(await ann.GetAsync<List<SessionResponse>>("/v1/accounts/me/sessions")).IsCurrent);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/sessions?includingThis=true")).StatusCode);
        await EndedAsync(ann);
    }

    [Fact]
    public async Task Another_persons_device_is_not_there()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var hers = Assert.Single(await ann.GetAsync<List<SessionResponse>>("/v1/accounts/me/sessions"));
        await eve.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/sessions/{hers.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await GoesOnAsync(ann);
    }

    [Fact]
    public async Task A_new_place_is_told_by_mail_and_a_known_one_is_not()
    {
        var ann = await app.SomebodyAsync("Ann");
        await ann.SignInAgainAsync();
        await SignInAsync(ann, "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "203.0.113.77");
        var mail = await app.MailAsync(MailKinds.NewSignIn, ann.Account.Email);
        Assert.Contains("Chrome on Windows", mail.Text, StringComparison.Ordinal);
        Assert.Contains("203.0.113.0/24", mail.Text, StringComparison.Ordinal);
        await SignInAsync(ann, "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "203.0.113.78");
        await using var database = await app.DatabaseAsync();
        Assert.Equal(1L, await database.AskAsync("select count(*) from notifications.outgoing_mails where account_id = $1 and kind = 'new_sign_in'", ann.Account.Id));
    }

    [Fact]
    public async Task A_copied_refresh_token_ends_the_session_and_its_owner_is_told()
    {
        var ann = await app.SomebodyAsync();
        var stolen = ann.Tokens.RefreshToken;
        await ann.RefreshAsync();
        await Person.EventuallyAsync(async () => (await ann.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(stolen))).StatusCode, s => s == HttpStatusCode.Unauthorized);
        await EndedAsync(ann);
        Assert.Contains("copied", (await app.MailAsync(MailKinds.SecurityChanged, ann.Account.Email)).Text, StringComparison.Ordinal);
        await using var database = await app.DatabaseAsync();
        Assert.Equal(1L, await database.AskAsync("select count(*) from audit.events where action = 'account.refresh_token_reused' and actor_id = $1", ann.Account.Id));
    }

    [Fact]
    public async Task A_session_ends_after_its_lifetime_however_often_it_is_refreshed_and_when_it_lies_idle()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        await using var database = await app.DatabaseAsync();
        await ann.RefreshAsync();
        await database.ExecuteAsync("update accounts.sessions set expires_at = now() where account_id = $1", ann.Account.Id);
        await EndedAsync(ann);
        await database.ExecuteAsync("update accounts.refresh_tokens set expires_at = now() where session_id in (select id from accounts.sessions where account_id = $1)", bob.Account.Id);
        await bob.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(bob.Tokens.RefreshToken)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);
        Assert.Empty(await bob.GetAsync<List<SessionResponse>>("/v1/accounts/me/sessions"));
    }

    [Fact]
    public async Task Changing_the_password_needs_the_old_one_and_signs_out_everywhere_else()
    {
        var ann = await app.SomebodyAsync();
        var other = await SignInAsync(ann, "curl/8", "198.51.100.4");
        await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest("not the right one", "seven blue wheelbarrows 12")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasswordWrong);
        await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest(null, "seven blue wheelbarrows 12")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasswordWrong);
        var unfit = await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest(Person.Password, "password1234")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains("newPassword", unfit.Errors!.Keys);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest(Person.Password, "seven blue wheelbarrows 12"))).StatusCode);
        await EndedAsync(other);
        await GoesOnAsync(ann);
        await ann.RefreshAsync();
        await app.MailAsync(MailKinds.SecurityChanged, ann.Account.Email);
    }

    [Fact]
    public async Task The_documents_of_discovery_name_the_issuer_and_where_its_keys_are()
    {
        var ann = await app.SomebodyAsync();
        var claims = System.Text.Json.Nodes.JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(ann.Tokens.AccessToken.Split('.')[1]))!;
        foreach (var name in (string[])["openid-configuration", "oauth-authorization-server"])
        {
            var document = System.Text.Json.Nodes.JsonNode.Parse(await ann.Client.GetStringAsync($"/.well-known/{name}"))!;
            Assert.Equal((string?)claims["iss"], (string?)document["issuer"]);
            Assert.Equal((await app.AddressOfAsync("web")).GetLeftPart(UriPartial.Authority), (string?)document["issuer"]);
            Assert.Contains("\"kid\"", await ann.Client.GetStringAsync((string)document["jwks_uri"]!), StringComparison.Ordinal);
            Assert.Contains("ES256", document["access_token_signing_alg_values_supported"]!.ToJsonString(), StringComparison.Ordinal);
        }
    }

    private static async Task<Person> SignInAsync(Person who, string userAgent, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/accounts/sign-in") { Content = JsonContent.Create(new SignInRequest(who.Account.Email, Person.Password)) };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.Add("X-Forwarded-For", address);
        return new Person(who.Client, who.Account, await (await who.Client.SendAsync(request)).ReadAsync<TokenResponse>());
    }

    /// <summary>On every node: requests go round them.</summary>
    private static async Task EndedAsync(Person person)
    {
        var refusals = 0;
        await Person.EventuallyAsync(async () => refusals = (await person.GetAsync("/v1/accounts/me")).StatusCode == HttpStatusCode.Unauthorized ? refusals + 1 : 0, n => n >= 4, seconds: 20);
        await person.Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(person.Tokens.RefreshToken)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.RefreshTokenInvalid);
    }

    private static async Task GoesOnAsync(Person person) => Assert.Equal(person.Account.Id, (await person.GetAsync<AccountResponse>("/v1/accounts/me")).Id);
}
