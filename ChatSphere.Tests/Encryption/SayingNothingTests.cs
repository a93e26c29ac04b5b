using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Tests.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Encryption;

/// <summary>What people wrote and what opens their accounts, looked for in everything that a full run gives off.</summary>
public sealed class SayingNothingTests(EncryptedApp app)
{
    [Fact]
    public async Task Logs_telemetry_and_metrics_of_a_full_run_hold_no_canary()
    {
        var canaries = new Dictionary<string, string>();
        using var client = await app.AnonymousAsync();
        var email = $"{Canary("e-mail")}@example.com";
        var password = Canary("password") + " three green bicycles";
        var account = await (await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, password, Canary("name")))).ReadAsync<AccountResponse>();
        var tokens = await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, password))).ReadAsync<TokenResponse>();
        (canaries["access token"], canaries["refresh token"]) = (tokens.AccessToken, tokens.RefreshToken);
        var ann = new Person(client, account, tokens);

        // What goes well.
        var bot = await (await ann.PostAsync("/v1/bots", new CreateBotRequest(Canary("bot's name"), Canary("instructions"), "extractive"))).ReadAsync<BotResponse>();
        var text = $"The {Canary("document")} sails at noon.";
        await ann.HasDocumentAsync(bot.Id, Canary("file's name") + ".txt", text);
        var conversation = await ann.TalksWithAsync(bot.Id);
        await ann.AnswerAsync(conversation.Id, $"When does it sail, {Canary("message")}?");
        await (await ann.PostAsync($"/v1/bots/{bot.Id}/search", new SearchRequest($"sails {Canary("query")}"))).ReadAsync<SearchResponse>();
        var mock = await ann.HasBotAsync("mock-len3", Canary("instructions of another"));
        await ann.AnswerAsync((await ann.TalksWithAsync(mock.Id)).Id, $"Say something about {Canary("question to a model")}.");

        // What opens the account: a key that works, and a second factor that is used.
        var key = await (await ann.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest(Canary("key's name"), [Permissions.BotsRead.Name]))).ReadAsync<CreatedApiKeyResponse>();
        (canaries["valid API key"], canaries["secret of the API key"]) = (key.Key, key.Key[^30..]);
        using var byKey = await client.SendAsync(new(HttpMethod.Get, "/v1/bots") { Headers = { Authorization = new("Bearer", key.Key) } });
        Assert.Equal(HttpStatusCode.OK, byKey.StatusCode);
        var authenticator = await (await ann.PostAsync("/v1/accounts/me/totp")).ReadAsync<TotpSetupResponse>();
        canaries["authenticator's secret"] = authenticator.Secret;
        var recovery = await (await ann.PostAsync("/v1/accounts/me/totp/confirm", new ConfirmTotpRequest(new PhoneApp(authenticator.Secret).Next()))).ReadAsync<RecoveryCodesResponse>();
        foreach (var (code, i) in recovery.RecoveryCodes.Select((c, i) => (c, i)))
        {
            canaries[$"recovery code {i}"] = code;
        }

        using var halfWay = await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, password));
        var ticket = canaries["ticket for the second factor"] = (await halfWay.Content.ReadFromJsonAsync<SecondFactorNeeded>())!.Ticket;
        using var wrongCode = await client.PostAsJsonAsync("/v1/accounts/sign-in/second-factor", new SecondFactorRequest(ticket, "recovery_code", Canary("wrong recovery code")));
        Assert.Equal(HttpStatusCode.Unauthorized, wrongCode.StatusCode);
        var second = await (await client.PostAsJsonAsync("/v1/accounts/sign-in/second-factor", new SecondFactorRequest(ticket, "recovery_code", recovery.RecoveryCodes[0]))).ReadAsync<TokenResponse>();
        (canaries["second access token"], canaries["second refresh token"]) = (second.AccessToken, second.RefreshToken);

        // What goes wrong.
        using var wrongPassword = await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, Canary("wrong password")));
        using var nobody = await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(Canary("unknown e-mail") + "@example.com", "x"));
        using var twice = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, password, "Twice"));
        using var brokenJson = await client.PostAsync("/v1/accounts/sign-in", new StringContent($"{{\"email\": \"{Canary("broken body")}", Encoding.UTF8, "application/json"));
        using var badToken = await client.SendAsync(WithBearer(Canary("bad token")));
        using var badKey = await client.SendAsync(WithBearer("csk_" + Canary("API key")));
        using var badRefresh = await client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(Canary("bad refresh token")));
        using var query = await client.GetAsync($"/v1/bots?access_token={Canary("query string")}");
        using var path = await client.GetAsync($"/v1/nothing/{Canary("path")}?x={Canary("query of nothing")}");
        using var badFile = await ann.UploadAsync(bot.Id, (Canary("bad file") + ".pdf", Encoding.UTF8.GetBytes("%PDF-1.7 " + Canary("bad pdf"))));
        using var web = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = await app.AddressOfAsync("web") };
        foreach (var page in (string[])["sign-in", "reset-password", "confirm-email", "setup", "nothing"])
        {
            using var opened = await web.GetAsync($"/{page}?token={Canary($"token in the link to {page}")}&returnUrl=%2F{Canary($"address behind {page}")}");
        }

        using var form = await web.PostAsync("/sign-in", new FormUrlEncodedContent([new("Input.Email", Canary("form's e-mail")), new("Input.Password", Canary("form's password")), new("_handler", "sign-in")]));
        Assert.Equal(HttpStatusCode.Unauthorized, wrongPassword.StatusCode);

        // All of it has been told by now: the last thing done is found in what every program exports, and the metrics of a second later too.
        var last = $"/v1/bots/{Guid.NewGuid()}";
        await ann.GetAsync(last).RefusedAsync(HttpStatusCode.NotFound, "not_found");
        await Person.EventuallyAsync(() => Task.FromResult(app.ExportsWith(last)), e => e.Contains("/v1/traces"));
        foreach (var service in (string[])["ingest document", "answer turn", "POST /v1/bots/{botId:guid}/search"])
        {
            await Person.EventuallyAsync(() => Task.FromResult(app.ExportsWith(service)), e => e.Count > 0);
        }

        await Person.EventuallyAsync(() => Task.FromResult(app.ExportsWith("http.server.request.duration")), e => e.Contains("/v1/metrics"));
        Assert.True(app.Lines > 10);
        var pages = new StringBuilder();
        foreach (var resource in (string[])["api", "worker", "web"])
        {
            using var scraper = new HttpClient { BaseAddress = await app.AddressOfAsync(resource) };
            pages.Append(await scraper.GetStringAsync("/metrics"));
        }

        Assert.Contains("http_server_request_duration", pages.ToString(), StringComparison.Ordinal);
        var told = canaries.SelectMany(c => (string[])
        [
            .. app.LinesWith(c.Value).Select(l => $"{c.Key} in a log: {l}"),
            .. app.ExportsWith(c.Value).Distinct().Select(e => $"{c.Key} exported to {e}"),
            .. pages.ToString().Contains(c.Value, StringComparison.OrdinalIgnoreCase) ? [$"{c.Key} in metrics"] : Array.Empty<string>(),
        ]).ToList();
        Assert.True(told.Count == 0, string.Join('\n', told));

        string Canary(string of) => canaries[of] = "canary" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 16);

        static HttpRequestMessage WithBearer(string token) => new(HttpMethod.Get, "/v1/accounts/me") { Headers = { Authorization = new("Bearer", token) } };
    }
}
