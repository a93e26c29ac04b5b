using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>How many sign-ins and checks of tokens a second, and what a token adds to a request: the same routes with and without, in turns within one run.</summary>
internal static class AccountsScenario
{
    private const string Public = ".well-known/jwks.json";
    private const string Permitted = "v1/permissions";

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "seconds", "concurrency", "rounds");
        var (seconds, concurrency, rounds) = (arguments.Number("seconds", 5), arguments.Number("concurrency", 8), arguments.Number("rounds", 4));
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = concurrency }) { BaseAddress = arguments.RequiredAddress("api") };
        var register = new RegisterRequest($"load-{Guid.NewGuid():N}@example.com", $"load {Guid.NewGuid():N}", "Load");
        await SendAsync(http, new(HttpMethod.Post, "v1/accounts/register") { Content = JsonContent.Create(register) }, cancellationToken);
        var tokens = new Queue<TokenResponse>();
        for (var i = 0; i < concurrency; i++)
        {
            tokens.Enqueue(await SignInAsync(http, register, cancellationToken));
        }

        var bearer = tokens.Peek().AccessToken;
        HttpRequestMessage With(string path) => new(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", bearer) } };

        var signIns = new Latencies();
        var signInRate = await RateAsync(seconds, concurrency, signIns, () => SignInAsync(http, register, cancellationToken));
        var (bare, authenticated, permitted) = (new Latencies(), new Latencies(), new Latencies());
        double bareRate = 0, authenticatedRate = 0, permittedRate = 0;
        for (var round = -1; round < rounds; round++)
        {
            if (round == 0)
            {
                // The round before only warmed up.
                bare.Clear();
                authenticated.Clear();
                permitted.Clear();
                (bareRate, authenticatedRate, permittedRate) = (0, 0, 0);
            }

            bareRate += await RateAsync(seconds, concurrency, bare, () => SendAsync(http, new(HttpMethod.Get, Public), cancellationToken)) / rounds;
            authenticatedRate += await RateAsync(seconds, concurrency, authenticated, () => SendAsync(http, With(Public), cancellationToken)) / rounds;
            permittedRate += await RateAsync(seconds, concurrency, permitted, () => SendAsync(http, With(Permitted), cancellationToken)) / rounds;
        }

        await MarkdownTable.PrintAsync(
            $"{concurrency} at a time, {rounds} rounds of {seconds} s",
            [.. Latencies.Header("request"), "a second", "time of the public one"],
            [
                [.. signIns.Row("sign-in"), Number(signInRate), ""],
                [.. bare.Row("public route, no token"), Number(bareRate), "1.00"],
                [.. authenticated.Row("the same with a token (authentication)"), Number(authenticatedRate), Number(bareRate / authenticatedRate)],
                [.. permitted.Row("a route that needs a permission (authentication, rate limit in Redis, authorization)"), Number(permittedRate), Number(bareRate / permittedRate)],
            ]);
        return 0;
    }

    private static async Task<double> RateAsync(int seconds, int concurrency, Latencies times, Func<Task> act)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(startedAt).TotalSeconds < seconds)
            {
                var from = Stopwatch.GetTimestamp();
                await act();
                times.Add(Stopwatch.GetElapsedTime(from));
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private static async Task<TokenResponse> SignInAsync(HttpClient http, RegisterRequest who, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("v1/accounts/sign-in", new SignInRequest(who.Email, who.Password), cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<TokenResponse>(cancellationToken))!;
    }

    private static async Task SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await http.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
        }
    }

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
