using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Network;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Network;

public sealed class GuardingTheDoorTests(GuardedApp app) : IClassFixture<GuardedApp>
{
    private const string Rules = "/v1/network/rules";

    [Fact]
    public async Task A_denied_network_is_refused_everywhere_before_anything_else_is_looked_at()
    {
        var administrator = await app.AdministratorAsync();
        var rule = await (await administrator.PostAsync(Rules, new AddAddressRuleRequest("203.0.113.77/24", AddressRuleKind.Deny, "Too many guesses"))).ReadAsync<AddressRuleResponse>();
        Assert.Equal("203.0.113.0/24", rule.Cidr);
        await EverywhereAsync("203.0.113.5", ErrorCodes.AddressDenied);
        await SignInFromAsync("::ffff:203.0.113.5").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.AddressDenied);
        await EverywhereAsync("203.0.114.5", ErrorCodes.CredentialsInvalid);
        await administrator.PostAsync(Rules, new AddAddressRuleRequest("203.0.113.0/24", AddressRuleKind.Deny)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.AddressRuleExists);

        Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, $"{Rules}/{rule.Id}")).StatusCode);
        await EverywhereAsync("203.0.113.6", ErrorCodes.CredentialsInvalid);
        await administrator.SendAsync(HttpMethod.Delete, $"{Rules}/{rule.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task With_an_allowed_network_all_others_stay_outside_but_this_machine_and_denial_wins()
    {
        var administrator = await app.AdministratorAsync();
        var allowed = await (await administrator.PostAsync(Rules, new AddAddressRuleRequest("2001:db8:1::/48", AddressRuleKind.Allow))).ReadAsync<AddressRuleResponse>();
        var denied = await (await administrator.PostAsync(Rules, new AddAddressRuleRequest("2001:db8:1:2::/64", AddressRuleKind.Deny))).ReadAsync<AddressRuleResponse>();
        try
        {
            await EverywhereAsync("198.51.100.9", ErrorCodes.AddressDenied);
            await EverywhereAsync("2001:db8:1:2::9", ErrorCodes.AddressDenied);
            await EverywhereAsync("2001:db8:1:3::9", ErrorCodes.CredentialsInvalid);

            // A request of the machine's own: the administrator's.
            Assert.Equal(2, (await administrator.GetAsync<AddressRulesResponse>(Rules)).Rules.Count(r => r.Id == allowed.Id || r.Id == denied.Id));
        }
        finally
        {
            await administrator.SendAsync(HttpMethod.Delete, $"{Rules}/{allowed.Id}");
            await administrator.SendAsync(HttpMethod.Delete, $"{Rules}/{denied.Id}");
            await EverywhereAsync("198.51.100.10", ErrorCodes.CredentialsInvalid);
        }
    }

    [Fact]
    public async Task Nobody_locks_the_door_behind_themselves_without_saying_so()
    {
        var administrator = await app.AdministratorAsync();
        Action<HttpRequestMessage> outside = r => r.Headers.Add("X-Forwarded-For", "192.0.2.44");
        Assert.Equal("192.0.2.44", (await (await administrator.SendAsync(HttpMethod.Get, Rules, configure: outside)).ReadAsync<AddressRulesResponse>()).YourAddress);
        await administrator.SendAsync(HttpMethod.Post, Rules, new AddAddressRuleRequest("192.0.2.0/25", AddressRuleKind.Deny), outside).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.AddressRuleLocksOut);
        await administrator.SendAsync(HttpMethod.Post, Rules, new AddAddressRuleRequest("100.64.0.0/10", AddressRuleKind.Allow), outside).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.AddressRuleLocksOut);
        var forced = await (await administrator.SendAsync(HttpMethod.Post, Rules, new AddAddressRuleRequest("192.0.2.44", AddressRuleKind.Deny, Force: true), outside)).ReadAsync<AddressRuleResponse>();
        Assert.Equal("192.0.2.44/32", forced.Cidr);
        await EverywhereAsync("192.0.2.44", ErrorCodes.AddressDenied);
        Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, $"{Rules}/{forced.Id}")).StatusCode);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("203.0.113.0/33")]
    [InlineData("203.0.113.0/-1")]
    [InlineData("fe80::1%2/64")]
    [InlineData("::ffff:203.0.113.0/120")]
    [InlineData("1.2.3.4/8/8")]
    public async Task What_is_no_network_is_refused(string cidr)
    {
        var problem = await (await app.AdministratorAsync()).PostAsync(Rules, new AddAddressRuleRequest(cidr, AddressRuleKind.Deny)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains("cidr", problem.Errors!.Keys);
    }

    [Fact]
    public async Task Rules_are_for_who_manages_the_system() =>
        await (await app.SomebodyAsync()).GetAsync(Rules).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);

    [Fact]
    public async Task Two_administrators_who_add_the_same_rule_get_one()
    {
        var administrator = await app.AdministratorAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => administrator.PostAsync(Rules, new AddAddressRuleRequest("233.252.0.0/24", AddressRuleKind.Deny))));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Whoever_has_a_whole_IPv6_network_counts_as_one()
    {
        var network = $"2001:db8:{Random.Shared.Next(1, 0xffff):x}:{Random.Shared.Next(1, 0xffff):x}";
        var statuses = new List<HttpStatusCode>();

        // The window may turn over once meanwhile: more than two can hold.
        for (var i = 1; i <= 70; i++)
        {
            using var answer = await SignInFromAsync($"{network}::{i:x}");
            statuses.Add(answer.StatusCode);

            // Half of it while Redis does not answer in time.
            Assert.Matches("^\"sign-in\";q=(100000|50000);w=60, \"address\";q=(30|15);w=60$", answer.Headers.GetValues("RateLimit-Policy").Single());
            Assert.Matches("^\"sign-in\";r=\\d+;t=\\d+, \"address\";r=\\d+;t=\\d+$", answer.Headers.GetValues("RateLimit").Single());
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.Unauthorized, statuses[0]);
    }

    [Fact]
    public async Task One_address_has_a_ceiling_whoever_calls_from_it()
    {
        var (ann, bea) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var address = $"198.18.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}";
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 100; i++)
        {
            using var answer = await (i % 2 == 0 ? ann : bea).SendAsync(HttpMethod.Get, "/v1/accounts/me", configure: r => r.Headers.Add("X-Forwarded-For", address));
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            }
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.OK, (await ann.GetAsync("/v1/accounts/me")).StatusCode);
    }

    [Fact]
    public async Task Each_key_has_a_quota_of_its_own_that_is_neither_another_keys_nor_its_owners()
    {
        var ann = await app.SomebodyAsync();
        var (busy, idle) = (await ann.HasKeyAsync(Permissions.BotsRead), await ann.HasKeyAsync(Permissions.BotsRead));
        HttpResponseMessage refused;

        // More than two windows hold, should one end meanwhile.
        var tries = 0;
        while ((refused = await busy.GetAsync("/v1/bots")).StatusCode == HttpStatusCode.OK && ++tries < 60)
        {
            Assert.Matches("^\"api-key\";q=(20|10);w=60$", refused.Headers.GetValues("RateLimit-Policy").Single());
        }

        Assert.InRange(tries, 10, 50);
        Assert.Matches("^\"api-key\";r=0;t=\\d+$", refused.Headers.GetValues("RateLimit").Single());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        await Task.FromResult(refused).RefusedAsync(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimited);

        using var others = await idle.GetAsync("/v1/bots");
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);
        Assert.Matches("^\"api-key\";r=(19|9);t=\\d+$", others.Headers.GetValues("RateLimit").Single());
        using var owner = await ann.GetAsync("/v1/bots");
        Assert.Equal(HttpStatusCode.OK, owner.StatusCode);
        Assert.StartsWith("\"default\";q=", owner.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GuardedApp.Origin, true)]
    [InlineData("http://localhost:5173", true)]
    [InlineData("null", false)]
    [InlineData("https://app.example.com.evil.example", false)]
    [InlineData("https://evil-app.example.com", false)]
    [InlineData("https://sub.app.example.com", false)]
    [InlineData("http://app.example.com", false)]
    [InlineData("https://app.example.com:8443", false)]
    [InlineData("https://appXexample.com", false)]
    [InlineData("https://APP.example.com.", false)]
    public async Task Only_pages_of_the_named_origins_may_call_from_a_browser(string origin, bool allowed)
    {
        using var client = await app.AnonymousAsync();
        using var preflight = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/v1/bots")
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "authorization,content-type" } },
        });
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/v1/bots") { Headers = { { "Origin", origin } } });
        foreach (var response in new[] { preflight, answer })
        {
            Assert.Equal(allowed ? [origin] : [], response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values : []);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData(GuardedApp.Origin)]
    public async Task A_page_with_cookies_but_without_a_token_does_not_get_into_the_hub(string origin)
    {
        var ann = await app.SomebodyAsync();
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.SetRequestHeader("Cookie", $"access_token={ann.Tokens.AccessToken}; Authorization=Bearer {ann.Tokens.AccessToken}; chatsphere-session={ann.Tokens.RefreshToken}");
        var hub = new UriBuilder(new Uri(await app.AddressOfAsync("api"), $"/hubs/live?access_token={ann.Tokens.AccessToken}")) { Scheme = "ws" }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(hub, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);
    }

    private async Task<HttpResponseMessage> SignInFromAsync(string address)
    {
        using var client = await app.AnonymousAsync();
        return await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/accounts/sign-in")
        {
            Content = JsonContent.Create(new SignInRequest($"{Guid.NewGuid():n}@example.com", "guess number one")),
            Headers = { { "X-Forwarded-For", address } },
        });
    }

    /// <summary>Until both nodes say so several times running: requests go round them, and a node may be some seconds behind.</summary>
    private async Task EverywhereAsync(string address, string code)
    {
        using var client = await app.AnonymousAsync();
        var inARow = 0;
        await Person.EventuallyAsync(
            async () =>
            {
                // No sign-in: that would use up the address's quota.
                using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/nothing") { Headers = { { "X-Forwarded-For", address } } };
                using var answer = await client.SendAsync(request);
                return inARow = (answer.StatusCode == HttpStatusCode.Forbidden) == (code == ErrorCodes.AddressDenied) ? inARow + 1 : 0;
            },
            n => n >= 6, seconds: 30);
        if (code == ErrorCodes.AddressDenied)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json") { Headers = { { "X-Forwarded-For", address } } };
            await client.SendAsync(request).RefusedAsync(HttpStatusCode.Forbidden, code);
        }
    }
}
