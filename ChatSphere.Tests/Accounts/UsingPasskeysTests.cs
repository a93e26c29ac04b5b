using System.Net;
using System.Net.Http.Json;
using System.Text;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class UsingPasskeysTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_passkey_is_added_named_anew_used_and_removed()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, passkey) = await ann.HasPasskeyAsync(app, "Laptop");
        Assert.Null(passkey.LastUsedAt);
        var renamed = await (await ann.SendAsync(HttpMethod.Patch, $"/v1/accounts/me/passkeys/{passkey.Id}", new RenamePasskeyRequest("Old laptop"))).ReadAsync<PasskeyResponse>();
        Assert.Equal("Old laptop", renamed.Name);

        var tokens = await (await ann.Client.SignsInWithPasskeyAsync(authenticator)).ReadAsync<TokenResponse>();

        var me = new Person(ann.Client, ann.Account, tokens);
        Assert.Equal(ann.Account.Id, (await me.GetAsync<AccountResponse>("/v1/accounts/me")).Id);
        var listed = Assert.Single(await me.GetAsync<List<PasskeyResponse>>("/v1/accounts/me/passkeys"));
        Assert.Equal("Old laptop", listed.Name);
        Assert.NotNull(listed.LastUsedAt);

        // A sign-in with it is recent enough to remove it.
        Assert.Equal(HttpStatusCode.NoContent, (await me.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/passkeys/{passkey.Id}")).StatusCode);
        await ann.Client.SignsInWithPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        Assert.Equal(1, await app.AuditedAsync("factors.passkey_added", ann.Account.Id));
        Assert.Equal(1, await app.AuditedAsync("factors.passkey_removed", ann.Account.Id));
    }

    [Fact]
    public async Task A_passkey_is_the_second_step_after_the_password()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, _) = await ann.HasPasskeyAsync(app);
        await ann.HasAppAsync();
        var needed = await ann.GivesPasswordAsync();
        Assert.Equal(["totp", "recovery_code", "passkey"], needed.Methods);
        await (await ann.Client.SignsInWithPasskeyAsync(authenticator, needed.Ticket)).ReadAsync<TokenResponse>();
        await ann.Client.SignsInWithPasskeyAsync(authenticator, needed.Ticket).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
    }

    [Fact]
    public async Task Somebody_elses_passkey_is_no_second_step()
    {
        var ann = await app.SomebodyAsync();
        await ann.HasPasskeyAsync(app);
        await ann.HasAppAsync();
        var eve = await app.SomebodyAsync();
        var (eves, _) = await eve.HasPasskeyAsync(app);
        var ticket = (await ann.GivesPasswordAsync()).Ticket;
        await ann.Client.SignsInWithPasskeyAsync(eves, ticket).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);

        // Nor does an answer to options for anybody complete another's first step.
        var options = await ann.Client.PasskeyOptionsAsync();
        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in/passkey", new PasskeySignInRequest(options.Ticket, eves.Get(options.Options), ticket)).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
    }

    [Fact]
    public async Task A_challenge_is_answered_once()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, _) = await ann.HasPasskeyAsync(app);
        var options = await ann.Client.PasskeyOptionsAsync();
        var request = new PasskeySignInRequest(options.Ticket, authenticator.Get(options.Options));
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ann.Client.PostAsJsonAsync("/v1/accounts/sign-in/passkey", request)));
        Assert.Single(answers, a => a.IsSuccessStatusCode);

        // An old answer to a new challenge, and a new answer to the old one.
        var anew = await ann.Client.PasskeyOptionsAsync();
        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in/passkey", request with { Ticket = anew.Ticket }).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        await ann.Client.PostAsJsonAsync("/v1/accounts/sign-in/passkey", new PasskeySignInRequest(options.Ticket, authenticator.Get(options.Options))).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
    }

    [Fact]
    public async Task Another_site_a_person_not_verified_and_a_changed_signature_are_refused()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, _) = await ann.HasPasskeyAsync(app);
        var origin = authenticator.Origin;
        var host = authenticator.RelyingParty;
        foreach (var other in new[] { "https://evil.example", origin + ".evil.example", origin.Replace("http://", "https://", StringComparison.Ordinal), "null" })
        {
            authenticator.Origin = other;
            await ann.Client.SignsInWithPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        }

        (authenticator.Origin, authenticator.RelyingParty) = (origin, "evil.example");
        await ann.Client.SignsInWithPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        (authenticator.RelyingParty, authenticator.VerifiesPerson) = (host, false);
        await ann.Client.SignsInWithPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        authenticator.VerifiesPerson = true;
        await ann.Client.SignsInWithPasskeyAsync(authenticator, tampered: true).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);

        await (await ann.Client.SignsInWithPasskeyAsync(authenticator)).ReadAsync<TokenResponse>();
        Assert.Equal(7, await app.AuditedAsync("factors.passkey_refused", ann.Account.Id));
    }

    [Fact]
    public async Task A_counter_that_goes_back_is_refused_and_written_down()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, _) = await ann.HasPasskeyAsync(app);
        authenticator.Counter = 40;
        await (await ann.Client.SignsInWithPasskeyAsync(authenticator)).ReadAsync<TokenResponse>();
        authenticator.Counter = 20;
        await ann.Client.SignsInWithPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
        Assert.Equal(1, await app.AuditedAsync("factors.passkey_counter_went_back", ann.Account.Id));
        Assert.Equal(0, await app.AuditedAsync("factors.passkey_refused", ann.Account.Id));
    }

    [Fact]
    public async Task A_disabled_account_does_not_get_in()
    {
        var ann = await app.SomebodyAsync();
        var (authenticator, _) = await ann.HasPasskeyAsync(app);
        await app.BehindTheScenesAsync("update accounts.accounts set disabled_at = now() where id = @id", ("id", ann.Account.Id));
        await ann.Client.SignsInWithPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
    }

    [Fact]
    public async Task Options_tell_nothing_of_who_has_an_account_and_ask_for_a_verified_person()
    {
        using var client = await app.AnonymousAsync();
        var options = (await client.PasskeyOptionsAsync()).Options;
        var unknown = (await client.PasskeyOptionsAsync("AAAA")).Options;
        Assert.Equal(options.EnumerateObject().Select(p => p.Name), unknown.EnumerateObject().Select(p => p.Name));
        Assert.Equal("required", options.GetProperty("userVerification").GetString());
        Assert.Equal(new Uri(await app.OriginAsync()).Host, options.GetProperty("rpId").GetString());
        Assert.True(!options.TryGetProperty("allowCredentials", out var allowed) || allowed.GetArrayLength() == 0);
        Assert.NotEqual(options.GetProperty("challenge").GetString(), unknown.GetProperty("challenge").GetString());
    }

    [Fact]
    public async Task A_passkey_is_added_by_its_owner_for_this_site_once()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var authenticator = new SoftAuthenticator(await app.OriginAsync());
        var options = await (await ann.PostAsync("/v1/accounts/me/passkeys/options")).ReadAsync<PasskeyOptionsResponse>();
        var request = new AddPasskeyRequest(options.Ticket, authenticator.Create(options.Options), "Key");
        await eve.PostAsync("/v1/accounts/me/passkeys", request).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasskeyInvalid);
        await (await ann.PostAsync("/v1/accounts/me/passkeys", request)).ReadAsync<PasskeyResponse>();
        await ann.PostAsync("/v1/accounts/me/passkeys", request).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasskeyInvalid);

        // The same credential once more, for another account and with a right challenge.
        await eve.AddsPasskeyAsync(authenticator).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasskeyInvalid);
        await ann.AddsPasskeyAsync(new SoftAuthenticator("https://evil.example")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasskeyInvalid);
        await ann.AddsPasskeyAsync(new SoftAuthenticator(await app.OriginAsync()) { VerifiesPerson = false }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasskeyInvalid);
        Assert.Single(await ann.GetAsync<List<PasskeyResponse>>("/v1/accounts/me/passkeys"));
        Assert.Empty(await eve.GetAsync<List<PasskeyResponse>>("/v1/accounts/me/passkeys"));
    }

    [Fact]
    public async Task Whatever_else_is_sent_as_a_credential_is_refused()
    {
        var ann = await app.SomebodyAsync();
        foreach (var odd in new[] { "{}", "[]", "1", "\"x\"", """{"id":"AAAA"}""", """{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{}}""", """{"id":7,"response":null}""", """{"id":"\ud800"}""", """{"id":"AAAA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"AA"}}""" })
        {
            // As text, because a serializer would not write some of it.
            var options = await ann.Client.PasskeyOptionsAsync();
            await ann.Client.PostAsync("/v1/accounts/sign-in/passkey", Body($"{{\"ticket\":\"{options.Ticket}\",\"credential\":{odd}}}")).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorInvalid);
            var creation = await (await ann.PostAsync("/v1/accounts/me/passkeys/options")).ReadAsync<PasskeyOptionsResponse>();
            await ann.PostAsync("/v1/accounts/me/passkeys", Body($"{{\"ticket\":\"{creation.Ticket}\",\"credential\":{odd},\"name\":\"Key\"}}")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PasskeyInvalid);
        }

        static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");
    }
}
