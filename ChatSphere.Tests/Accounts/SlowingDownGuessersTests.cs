using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Accounts;

/// <summary>Tests come from this machine, which Web does too, so they may say for whom they ask; each takes networks of its own.</summary>
public sealed class SlowingDownGuessersTests(ChatSphereApp app)
{
    [Fact]
    public async Task Of_a_thousand_guesses_from_five_hundred_networks_few_are_looked_at_and_the_owner_gets_in()
    {
        var ann = await app.SomebodyAsync();
        var networks = Networks(500);
        var statuses = await ManyAsync(1000, i => TryAsync(ann.Account.Email, $"guess number {i}", networks[i % networks.Count]));
        Assert.DoesNotContain(HttpStatusCode.OK, statuses);

        // Five, and then one a second, two, four, eight, … for as long as a thousand requests take here.
        Assert.InRange(statuses.Count(s => s == HttpStatusCode.Unauthorized), 5, 15);
        Assert.All(statuses, s => Assert.True(s is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));

        // Her own network has been signed in from, so what strangers do does not concern her.
        await ann.SignInAgainAsync();
        await using var database = await app.DatabaseAsync();
        var written = (long)(await database.AskAsync("select count(*) from audit.events where action = 'account.sign_in_failed' and target_id = $1", ann.Account.Id))!;
        Assert.InRange(written, 1, 15);
    }

    [Fact]
    public async Task The_right_password_waits_too_when_it_comes_from_a_strange_network()
    {
        var ann = await app.SomebodyAsync();
        var networks = Networks(8);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(ann.Account.Email, "not the right one", networks[i])).Status);
        }

        // Right or wrong, it is not looked at; after the wait it is.
        var (status, wait, code) = await TryAsync(ann.Account.Email, Person.Password, networks[6]);
        Assert.Equal((HttpStatusCode.TooManyRequests, ErrorCodes.SignInThrottled), (status, code));
        Assert.InRange(wait, 1, 900);
        await Person.EventuallyAsync(() => TryAsync(ann.Account.Email, Person.Password, networks[6]), t => t.Status == HttpStatusCode.OK, seconds: 30);

        // That was a success: strangers' failures are forgotten, and this network is known now.
        Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(ann.Account.Email, "not the right one", networks[7])).Status);
    }

    [Fact]
    public async Task An_unknown_email_is_slowed_down_like_a_known_one()
    {
        var ann = await app.SomebodyAsync();
        var networks = Networks(7);
        var nobody = $"{Guid.NewGuid():n}@example.com";
        foreach (var network in networks)
        {
            var known = await TryAsync(ann.Account.Email, "not the right one", network);
            var unknown = await TryAsync(nobody, "not the right one", network);
            if (network == networks[^1])
            {
                Assert.Equal((HttpStatusCode.TooManyRequests, ErrorCodes.SignInThrottled), (known.Status, known.Code));
                Assert.Equal((HttpStatusCode.TooManyRequests, ErrorCodes.SignInThrottled), (unknown.Status, unknown.Code));
            }
        }
    }

    [Fact]
    public async Task One_network_that_tries_many_accounts_is_slowed_down_and_others_are_not()
    {
        var ann = await app.SomebodyAsync();
        var networks = Networks(2);
        var statuses = await ManyAsync(70, i => TryAsync($"{Guid.NewGuid():n}@example.com", "Autumn leaves 5", networks[0]));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.InRange(statuses.Count(s => s == HttpStatusCode.Unauthorized), 50, 60);
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(ann.Account.Email, Person.Password, networks[1])).Status);
    }

    [Fact]
    public async Task The_current_password_cannot_be_guessed_through_changing_it()
    {
        var ann = await app.SomebodyAsync();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 24; i++)
        {
            using var response = await ann.PostAsync("/v1/accounts/me/password", new ChangePasswordRequest($"guess number {i}", "another fine password 9"));
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(20, statuses.TakeWhile(s => s == HttpStatusCode.BadRequest).Count());
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);

        // Signing in is counted by itself: the owner is not kept out.
        await ann.SignInAgainAsync();
    }

    private static async Task<List<HttpStatusCode>> ManyAsync(int count, Func<int, Task<(HttpStatusCode Status, int Wait, string? Code)>> attempt)
    {
        var statuses = new HttpStatusCode[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => statuses[i] = (await attempt(i)).Status);
        return [.. statuses];
    }

    private async Task<(HttpStatusCode Status, int Wait, string? Code)> TryAsync(string email, string password, string from)
    {
        var client = _client ??= await app.AnonymousAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/accounts/sign-in") { Content = JsonContent.Create(new SignInRequest(email, password)), Headers = { { "X-Forwarded-For", from } } };
        using var response = await client.SendAsync(request);
        var code = response.IsSuccessStatusCode ? null : (await response.Content.ReadFromJsonAsync<Problem>())!.Code;
        return (response.StatusCode, (int)(response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0), code);
    }

    private HttpClient? _client;

    /// <summary>Addresses in as many /24 networks (RFC 2544's, and private ones), another set each time.</summary>
    private static List<string> Networks(int count)
    {
        var start = Random.Shared.Next(0, 60_000);
        return [.. Enumerable.Range(start, count).Select(n => $"10.{n / 256}.{n % 256}.7")];
    }
}
