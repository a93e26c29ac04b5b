using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;
using Microsoft.AspNetCore.WebUtilities;

namespace ChatSphere.Tests.Accounts;

public sealed class SigningInElsewhereTests(ChatSphereApp app)
{
    [Fact]
    public async Task The_first_time_makes_an_account_and_the_next_finds_it_again()
    {
        using var client = await app.AnonymousAsync();
        var who = Elsewhere.Anybody();
        var first = await AccountAsync(client, await (await SignInAsync(client, "main", who)).ReadAsync<TokenResponse>());
        Assert.Equal(who.Email, first.Email);
        Assert.Equal("Elsa Elsewhere", first.DisplayName);
        Assert.Contains(Permissions.BotsWrite.Name, first.Permissions);

        // The subject is who it is, whatever the address is by now; ES256 is as good as RS256.
        var again = await AccountAsync(client, await (await SignInAsync(client, "main", who with { Email = $"{Guid.NewGuid():n}@example.org", Elliptic = true })).ReadAsync<TokenResponse>());
        Assert.Equal(first.Id, again.Id);

        // The same subject of another provider is somebody else.
        var other = await AccountAsync(client, await (await SignInAsync(client, "other", who with { Email = $"{Guid.NewGuid():n}@example.org" })).ReadAsync<TokenResponse>());
        Assert.NotEqual(first.Id, other.Id);
    }

    [Fact]
    public async Task Providers_are_listed_and_browsers_sent_there_with_everything_that_protects_the_answer()
    {
        using var client = await app.AnonymousAsync();
        var providers = (await client.GetFromJsonAsync<List<ExternalProviderResponse>>("/v1/accounts/external"))!;
        Assert.Contains(new ExternalProviderResponse("main", "Main Street"), providers);
        Assert.Contains(new ExternalProviderResponse("hub", "GitHub"), providers);
        var start = await StartAsync(client, "main");
        var query = QueryHelpers.ParseQuery(new Uri(start.AuthorizationUrl).Query);
        Assert.Equal($"{await app.OriginAsync()}/sign-in/callback/main", query["redirect_uri"]);
        Assert.Equal("code", query["response_type"]);
        Assert.Equal("S256", query["code_challenge_method"]);
        Assert.Equal(43, query["code_challenge"].ToString().Length);
        Assert.True(query["state"].ToString().Length >= 43 && query["nonce"].ToString().Length >= 43);
        Assert.DoesNotContain(start.Binding, start.AuthorizationUrl, StringComparison.Ordinal);
        await client.PostAsync("/v1/accounts/external/nobody/start", null).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Theory]
    [InlineData("nonce")]
    [InlineData("audience")]
    [InlineData("audiences")]
    [InlineData("party")]
    [InlineData("issuer")]
    [InlineData("expired")]
    [InlineData("old")]
    [InlineData("future")]
    [InlineData("subject")]
    [InlineData("none")]
    [InlineData("hs256")]
    [InlineData("forged")]
    [InlineData("confused")]
    [InlineData("tampered")]
    [InlineData("unsigned")]
    public async Task An_id_token_that_is_not_for_this_sign_in_is_refused(string flaw)
    {
        var elsewhere = await app.Elsewhere;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var who = Elsewhere.Anybody();
        who = flaw switch
        {
            "nonce" => who with { Claims = c => c["nonce"] = "another" },
            "audience" => who with { Claims = c => c["aud"] = "client:other" },
            "audiences" => who with { Claims = c => c["aud"] = new JsonArray("client:main", "client:other") },
            "party" => who with { Claims = c => c["azp"] = "client:other" },
            "issuer" => who with { Claims = c => c["iss"] = elsewhere.Issuer("other") },
            "expired" => who with { Claims = c => c["exp"] = now - 120 },
            "old" => who with { Claims = c => c["iat"] = now - 7200 },
            "future" => who with { Claims = c => c["iat"] = now + 600 },
            "subject" => who with { Claims = c => c["sub"] = "" },
            "none" => who with { Header = h => h["alg"] = "none", Token = t => t[..(t.LastIndexOf('.') + 1)] },
            "hs256" => who with { Header = h => h["alg"] = "HS256" },
            "forged" => who with { ForgedKeyId = "odd" },
            "confused" => who with { Header = h => h["alg"] = "ES256" },
            "tampered" => who with { Token = t => Changed(t, c => c["email"] = "owner@example.com") },
            _ => who with { Token = t => t[..t.LastIndexOf('.')] },
        };
        using var client = await app.AnonymousAsync();
        await SignInAsync(client, "main", who).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
    }

    [Fact]
    public async Task An_answer_counts_once_and_only_from_the_browser_that_was_sent_away()
    {
        using var client = await app.AnonymousAsync();
        var elsewhere = await app.Elsewhere;
        var start = await StartAsync(client, "main");
        var answer = Answer(await elsewhere.VisitAsync(start.AuthorizationUrl, Elsewhere.Anybody()), start.Binding);
        var another = await StartAsync(client, "main");
        await FinishAsync(client, answer with { Binding = another.Binding }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        await FinishAsync(client, answer with { State = Bent(answer.State) }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FinishAsync(client, answer)));
        Assert.Single(answers, a => a.IsSuccessStatusCode);
        await FinishAsync(client, answer).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);

        // The code was used with that; another state does not bring it back.
        var state = QueryHelpers.ParseQuery(new Uri(another.AuthorizationUrl).Query)["state"].ToString();
        await FinishAsync(client, answer with { State = state, Binding = another.Binding }).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
    }

    [Fact]
    public async Task A_code_that_was_asked_for_in_another_sign_in_is_worth_nothing()
    {
        using var client = await app.AnonymousAsync();
        var elsewhere = await app.Elsewhere;
        var (eves, anns) = (await StartAsync(client, "main"), await StartAsync(client, "main"));
        var stolen = Answer(await elsewhere.VisitAsync(anns.AuthorizationUrl, Elsewhere.Anybody()), anns.Binding);
        var state = QueryHelpers.ParseQuery(new Uri(eves.AuthorizationUrl).Query)["state"].ToString();

        // PKCE: the verifier of her own sign-in does not fit.
        await FinishAsync(client, stolen with { State = state, Binding = eves.Binding }).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
    }

    [Fact]
    public async Task An_answer_of_another_issuer_is_a_mix_up()
    {
        using var client = await app.AnonymousAsync();
        var elsewhere = await app.Elsewhere;
        foreach (var iss in new[] { elsewhere.Issuer("other"), null, "" })
        {
            var start = await StartAsync(client, "main");
            var answer = Answer(await elsewhere.VisitAsync(start.AuthorizationUrl, Elsewhere.Anybody()), start.Binding);
            await FinishAsync(client, answer with { Iss = iss }).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
        }

        // A provider that does not promise to say who it is may leave it out.
        var other = await StartAsync(client, "other");
        await (await FinishAsync(client, Answer(await elsewhere.VisitAsync(other.AuthorizationUrl, Elsewhere.Anybody()), other.Binding) with { Iss = null })).ReadAsync<TokenResponse>();
    }

    [Fact]
    public async Task Who_declines_there_is_not_signed_in_here()
    {
        using var client = await app.AnonymousAsync();
        var start = await StartAsync(client, "main");
        var state = QueryHelpers.ParseQuery(new Uri(start.AuthorizationUrl).Query)["state"].ToString();
        await FinishAsync(client, new ExternalCallbackRequest(state, start.Binding, Error: "access_denied")).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
    }

    [Fact]
    public async Task An_e_mail_that_has_an_account_here_is_never_joined_to_it()
    {
        var ann = await app.SomebodyAsync();
        var eve = Elsewhere.Anybody() with { Email = ann.Account.Email.ToUpperInvariant() };
        await SignInAsync(ann.Client, "main", eve).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.EmailTaken);
        Assert.Empty(await ann.GetAsync<List<LinkedAccountResponse>>("/v1/accounts/me/external"));

        // The owner links it, and it signs in.
        await LinkAsync(ann, "main", eve);
        var account = await AccountAsync(ann.Client, await (await SignInAsync(ann.Client, "main", eve)).ReadAsync<TokenResponse>());
        Assert.Equal(ann.Account.Id, account.Id);
        Assert.Equal(1, await app.AuditedAsync("factors.login_linked", ann.Account.Id));
    }

    [Fact]
    public async Task The_e_mail_is_confirmed_only_if_the_provider_says_so()
    {
        using var client = await app.AnonymousAsync();
        foreach (var verified in new[] { true, false })
        {
            var account = await AccountAsync(client, await (await SignInAsync(client, "main", Elsewhere.Anybody() with { EmailVerified = verified })).ReadAsync<TokenResponse>());
            Assert.Equal(verified, await app.BehindTheScenesAsync("select email_confirmed from accounts.accounts where id = @id", ("id", account.Id)));
        }
    }

    [Fact]
    public async Task What_the_token_does_not_say_the_provider_is_asked_for()
    {
        using var client = await app.AnonymousAsync();
        var who = Elsewhere.Anybody() with { Taciturn = true, Name = "Quiet Quentin" };
        var account = await AccountAsync(client, await (await SignInAsync(client, "main", who)).ReadAsync<TokenResponse>());
        Assert.Equal((who.Email, "Quiet Quentin"), (account.Email, account.DisplayName));
        await SignInAsync(client, "main", Elsewhere.Anybody() with { Email = null }).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.EmailMissing);
    }

    [Fact]
    public async Task GitHub_speaks_OAuth_alone_and_only_its_primary_verified_address_counts()
    {
        using var client = await app.AnonymousAsync();
        var who = Elsewhere.Anybody() with { Subject = Random.Shared.NextInt64(1, long.MaxValue).ToString(System.Globalization.CultureInfo.InvariantCulture) };
        var account = await AccountAsync(client, await (await SignInAsync(client, "hub", who)).ReadAsync<TokenResponse>());
        Assert.Equal(who.Email, account.Email);
        Assert.Equal(true, await app.BehindTheScenesAsync("select email_confirmed from accounts.accounts where id = @id", ("id", account.Id)));
        Assert.Equal(account.Id, (await AccountAsync(client, await (await SignInAsync(client, "hub", who with { Name = "New name" })).ReadAsync<TokenResponse>())).Id);
    }

    [Fact]
    public async Task New_keys_are_found_and_old_ones_are_not_trusted_any_longer_than_published()
    {
        using var client = await app.AnonymousAsync();
        var elsewhere = await app.Elsewhere;
        await (await SignInAsync(client, "other", Elsewhere.Anybody())).ReadAsync<TokenResponse>();
        elsewhere.Rotate("other");
        for (var i = 0; i < 4; i++)
        {
            await (await SignInAsync(client, "other", Elsewhere.Anybody())).ReadAsync<TokenResponse>();
        }
    }

    [Fact]
    public async Task Made_up_keys_do_not_make_us_ask_the_provider_again_and_again()
    {
        using var client = await app.AnonymousAsync();
        for (var i = 0; i < 12; i++)
        {
            await SignInAsync(client, "steady", Elsewhere.Anybody() with { ForgedKeyId = Guid.NewGuid().ToString("n") }).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
        }

        // Once a minute and node, of which there are two.
        Assert.InRange((await app.Elsewhere).KeyRequests("steady"), 1, 4);
    }

    [Theory]
    [InlineData("slow")]
    [InlineData("huge")]
    [InlineData("liar")]
    public async Task A_provider_that_does_not_describe_itself_is_given_up(string name)
    {
        using var client = await app.AnonymousAsync();
        await client.PostAsync($"/v1/accounts/external/{name}/start", null).RefusedAsync(HttpStatusCode.ServiceUnavailable, ErrorCodes.ProviderUnavailable);
    }

    [Fact]
    public async Task Many_answers_for_one_new_person_make_one_account()
    {
        using var client = await app.AnonymousAsync();
        var who = Elsewhere.Anybody();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => SignInAsync(client, "main", who)));
        var ids = new HashSet<Guid>();
        foreach (var answer in answers)
        {
            if (answer.IsSuccessStatusCode)
            {
                ids.Add((await AccountAsync(client, await answer.ReadAsync<TokenResponse>())).Id);
            }
            else
            {
                Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            }
        }

        Assert.Single(ids);
        Assert.Equal(ids.Single(), (await AccountAsync(client, await (await SignInAsync(client, "main", who)).ReadAsync<TokenResponse>())).Id);
    }

    [Fact]
    public async Task Linking_takes_the_owner_and_leaves_a_way_in()
    {
        using var client = await app.AnonymousAsync();
        var elsewhere = await app.Elsewhere;
        var who = Elsewhere.Anybody();
        var tokens = await (await SignInAsync(client, "main", who)).ReadAsync<TokenResponse>();
        var elsa = new Person(client, await AccountAsync(client, tokens), tokens);
        Assert.Equal([new LinkedAccountResponse("main", "Main Street")], await elsa.GetAsync<List<LinkedAccountResponse>>("/v1/accounts/me/external"));
        await elsa.SendAsync(HttpMethod.Delete, "/v1/accounts/me/external/main").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LastWayIn);

        // Somebody else's, and a link that another person began.
        var ann = await app.SomebodyAsync();
        var start = await (await ann.PostAsync("/v1/accounts/me/external/main/start")).ReadAsync<ExternalStartResponse>();
        var answer = Answer(await elsewhere.VisitAsync(start.AuthorizationUrl, who), start.Binding);
        await elsa.PostAsync("/v1/accounts/me/external/callback", answer).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        await FinishAsync(client, answer).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.OneTimeTokenInvalid);
        await ann.PostAsync("/v1/accounts/me/external/callback", answer).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LoginTaken);

        await LinkAsync(elsa, "other", Elsewhere.Anybody());
        Assert.Equal(HttpStatusCode.NoContent, (await elsa.SendAsync(HttpMethod.Delete, "/v1/accounts/me/external/main")).StatusCode);
        await elsa.SendAsync(HttpMethod.Delete, "/v1/accounts/me/external/main").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await elsa.SendAsync(HttpMethod.Delete, "/v1/accounts/me/external/other").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LastWayIn);

        await app.HourGoesByAsync(elsa);
        await elsa.PostAsync("/v1/accounts/me/external/main/start").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);
        await elsa.SendAsync(HttpMethod.Delete, "/v1/accounts/me/external/other").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);
    }

    [Fact]
    public async Task Without_a_password_the_provider_proves_who_it_is_if_it_asks_anew()
    {
        using var client = await app.AnonymousAsync();
        var who = Elsewhere.Anybody();
        var tokens = await (await SignInAsync(client, "main", who)).ReadAsync<TokenResponse>();
        var elsa = new Person(client, await AccountAsync(client, tokens), tokens);
        await app.HourGoesByAsync(elsa);
        var long_ago = DateTimeOffset.UtcNow.AddHours(-3).ToUnixTimeSeconds();
        await ReturnAsync(elsa, who with { Claims = c => c["auth_time"] = long_ago }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationFailed);
        await ReturnAsync(elsa, who with { Claims = c => c.Remove("auth_time") }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationFailed);
        await ReturnAsync(elsa, Elsewhere.Anybody()).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationFailed);
        await elsa.PostAsync("/v1/accounts/me/totp").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);

        Assert.Equal(HttpStatusCode.NoContent, (await ReturnAsync(elsa, who)).StatusCode);
        await (await elsa.PostAsync("/v1/accounts/me/totp")).ReadAsync<TotpSetupResponse>();
    }

    [Fact]
    public async Task A_second_step_is_asked_for_after_signing_in_elsewhere_too()
    {
        var ann = await app.SomebodyAsync();
        var who = Elsewhere.Anybody();
        await LinkAsync(ann, "main", who);
        await ann.HasAppAsync();
        await SignInAsync(ann.Client, "main", who).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.SecondFactorNeeded);
    }

    [Fact]
    public async Task A_disabled_account_does_not_get_in_by_another_door()
    {
        using var client = await app.AnonymousAsync();
        var who = Elsewhere.Anybody();
        var account = await AccountAsync(client, await (await SignInAsync(client, "main", who)).ReadAsync<TokenResponse>());
        await app.BehindTheScenesAsync("update accounts.accounts set disabled_at = now() where id = @id", ("id", account.Id));
        await SignInAsync(client, "main", who).RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.ExternalSignInFailed);
    }

    private static async Task<ExternalStartResponse> StartAsync(HttpClient client, string provider) => await (await client.PostAsync($"/v1/accounts/external/{provider}/start", null)).ReadAsync<ExternalStartResponse>();

    private static Task<HttpResponseMessage> FinishAsync(HttpClient client, ExternalCallbackRequest answer) => client.PostAsJsonAsync("/v1/accounts/external/callback", answer);

    private async Task<HttpResponseMessage> SignInAsync(HttpClient client, string provider, Elsewhere who)
    {
        var start = await StartAsync(client, provider);
        return await FinishAsync(client, Answer(await (await app.Elsewhere).VisitAsync(start.AuthorizationUrl, who), start.Binding));
    }

    private async Task LinkAsync(Person person, string provider, Elsewhere who)
    {
        var start = await (await person.PostAsync($"/v1/accounts/me/external/{provider}/start")).ReadAsync<ExternalStartResponse>();
        using var linked = await person.PostAsync("/v1/accounts/me/external/callback", Answer(await (await app.Elsewhere).VisitAsync(start.AuthorizationUrl, who), start.Binding));
        Assert.Equal(HttpStatusCode.NoContent, linked.StatusCode);
    }

    private async Task<HttpResponseMessage> ReturnAsync(Person person, Elsewhere who)
    {
        var start = await (await person.PostAsync("/v1/accounts/me/reauthenticate/external/main")).ReadAsync<ExternalStartResponse>();
        return await person.PostAsync("/v1/accounts/me/external/callback", Answer(await (await app.Elsewhere).VisitAsync(start.AuthorizationUrl, who), start.Binding));
    }

    private static ExternalCallbackRequest Answer(Uri callback, string binding)
    {
        var query = QueryHelpers.ParseQuery(callback.Query);
        return new ExternalCallbackRequest(query["state"]!, binding, query["code"], Iss: query.TryGetValue("iss", out var iss) ? iss.ToString() : null);
    }

    private static async Task<AccountResponse> AccountAsync(HttpClient client, TokenResponse tokens) =>
        await (await client.SendAsync(new(HttpMethod.Get, "/v1/accounts/me") { Headers = { Authorization = new("Bearer", tokens.AccessToken) } })).ReadAsync<AccountResponse>();

    private static string Bent(string text) => text[..^1] + (text[^1] == 'A' ? 'B' : 'A');

    private static string Changed(string token, Action<JsonObject> change)
    {
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        change(claims);
        return $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.{parts[2]}";
    }
}
