using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

public sealed class ProvingWhoOneIsTests(ChatSphereApp app)
{
    [Fact]
    public async Task What_protects_an_account_changes_only_shortly_after_the_password_was_given()
    {
        var ann = await app.SomebodyAsync();
        await app.HourGoesByAsync(ann);
        await ann.PostAsync("/v1/accounts/me/totp").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);
        await ann.PostAsync("/v1/accounts/me/passkeys/options").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);

        await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest("not the password 123")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationFailed);
        await ann.PostAsync("/v1/accounts/me/totp").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);
        Assert.Equal(["password"], await MissingAsync(ann, new ReauthenticateRequest()));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest(Person.Password))).StatusCode);

        await (await ann.PostAsync("/v1/accounts/me/totp")).ReadAsync<TotpSetupResponse>();
        Assert.Equal(1, await app.AuditedAsync("account.reauthentication_failed", ann.Account.Id));
    }

    [Fact]
    public async Task With_an_app_the_password_alone_is_not_enough()
    {
        var ann = await app.SomebodyAsync();
        var (phone, _) = await ann.HasAppAsync();
        await app.HourGoesByAsync(ann);
        Assert.Equal(["totp"], await MissingAsync(ann, new ReauthenticateRequest(Person.Password)));
        Assert.Equal(["password"], await MissingAsync(ann, new ReauthenticateRequest(TotpCode: phone.Code(0))));
        await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest(Person.Password, phone.Wrong())).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationFailed);
        await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/totp").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest(Person.Password, phone.Next()))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/totp")).StatusCode);
    }

    [Fact]
    public async Task Ones_own_passkey_is_enough_and_nobody_elses_is()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var (hers, _) = await ann.HasPasskeyAsync(app);
        var (eves, _) = await eve.HasPasskeyAsync(app);
        await app.HourGoesByAsync(ann);
        var options = await (await ann.PostAsync("/v1/accounts/me/reauthenticate/passkey-options")).ReadAsync<PasskeyOptionsResponse>();
        await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest(Passkey: new(options.Ticket, eves.Get(options.Options)))).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationFailed);
        options = await (await ann.PostAsync("/v1/accounts/me/reauthenticate/passkey-options")).ReadAsync<PasskeyOptionsResponse>();
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest(Passkey: new(options.Ticket, hers.Get(options.Options))))).StatusCode);
        await (await ann.PostAsync("/v1/accounts/me/totp")).ReadAsync<TotpSetupResponse>();
    }

    [Fact]
    public async Task Guesses_in_a_stolen_session_are_few()
    {
        var ann = await app.SomebodyAsync();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            answers.Add((await ann.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest($"not the password {i}"))).StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
    }

    private static async Task<IEnumerable<string>> MissingAsync(Person person, ReauthenticateRequest request)
    {
        using var response = await person.PostAsync("/v1/accounts/me/reauthenticate", request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(ErrorCodes.ReauthenticationIncomplete, (string?)problem["code"]);
        return problem["methods"]!.Deserialize<List<string>>()!;
    }
}
