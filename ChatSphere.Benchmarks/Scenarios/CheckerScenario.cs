using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ChatSphere.Benchmarks.Checker;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>The checker of delivery against a system that runs already.</summary>
internal static class CheckerScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "minutes", "seed", "writers", "listeners", "pause");
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(1) }) { BaseAddress = arguments.RequiredAddress("api") };
        var (writers, listeners, seed) = (arguments.Number("writers", 6), arguments.Number("listeners", 4), arguments.Number("seed", 1));
        var members = new List<CheckedMember>();
        for (var i = 0; i < writers + listeners; i++)
        {
            members.Add(await MemberAsync(http, i, cancellationToken));
        }

        var server = await SendAsync<ServerResponse>(http, members[0], HttpMethod.Post, "v1/servers", new CreateServerRequest("Checked"), cancellationToken);
        var invite = await SendAsync<InviteResponse>(http, members[0], HttpMethod.Post, $"v1/servers/{server.Id}/invites", new CreateInviteRequest(), cancellationToken);
        foreach (var member in members.Skip(1))
        {
            await SendAsync<ServerResponse>(http, member, HttpMethod.Post, $"v1/invites/{invite.Code}/accept", null, cancellationToken);
        }

        var channel = (await SendAsync<ServerDetailResponse>(http, members[0], HttpMethod.Get, $"v1/servers/{server.Id}", null, cancellationToken)).Channels.First(c => c.Kind == ChannelKind.Text);
        var pausing = (arguments.Text("pause") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        var run = new CheckerRun(channel.Id, members[..writers], members[writers..], seed);
        var wrong = await run.RunAsync(TimeSpan.FromMinutes(arguments.Number("minutes", 1)), over => PauseAsync(pausing, new Random(seed), over), cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Deeds} deeds, {run.Unanswered} of them without an answer; seed {seed}."));
        foreach (var line in wrong)
        {
            Console.WriteLine(line);
        }

        return wrong.Count == 0 ? 0 : 1;
    }

    private static async Task PauseAsync(string[] pids, Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(random.Next(1_000, 5_000), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (pids.Length > 0 && !over.IsCancellationRequested)
            {
                var pid = pids[random.Next(pids.Length)];
                await SignalAsync("STOP", pid);
                await Task.Delay(random.Next(500, 8_000), CancellationToken.None);
                await SignalAsync("CONT", pid);
            }
        }
    }

    private static async Task SignalAsync(string signal, string pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    private static async Task<CheckedMember> MemberAsync(HttpClient http, int number, CancellationToken cancellationToken)
    {
        var register = new RegisterRequest($"checker-{Guid.NewGuid():n}@example.com", $"checker {Guid.NewGuid():n}", $"Checker {number}");
        using (var registered = await http.PostAsJsonAsync("v1/accounts/register", register, cancellationToken))
        {
            registered.EnsureSuccessStatusCode();
        }

        (string Token, long Until)? current = null;
        return new CheckedMember(register.DisplayName, http, async token =>
        {
            if (current is not { } valid || Environment.TickCount64 > valid.Until)
            {
                using var response = await http.PostAsJsonAsync("v1/accounts/sign-in", new SignInRequest(register.Email, register.Password), token);
                response.EnsureSuccessStatusCode();
                var tokens = (await response.Content.ReadFromJsonAsync<TokenResponse>(JsonSerializerOptions.Web, token))!;
                current = valid = (tokens.AccessToken, Environment.TickCount64 + (tokens.ExpiresIn * 500L));
            }

            return valid.Token;
        });
    }

    private static async Task<T> SendAsync<T>(HttpClient http, CheckedMember who, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await who.Token(cancellationToken));
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, cancellationToken))!;
    }
}
