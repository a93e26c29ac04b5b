using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class ReportingHealthTests
{
    private const string Secret = "Host=10.1.2.3;Password=hunter2";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_check_is_named_with_its_status_and_nothing_else()
    {
        await using var server = await WithChecks(("postgres", HealthCheckResult.Healthy(Secret)), ("redis", HealthCheckResult.Degraded(Secret)));

        using var response = await server.Client.GetAsync("/health", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"status":"Degraded","checks":{"self":"Healthy","postgres":"Healthy","redis":"Degraded"}}""", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Failing_check_makes_the_process_unready_but_not_dead()
    {
        await using var server = await WithChecks(("postgres", HealthCheckResult.Unhealthy()));

        using var ready = await server.Client.GetAsync("/health", Token);
        using var alive = await server.Client.GetAsync("/alive", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal("""{"status":"Healthy","checks":{"self":"Healthy"}}""", await alive.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Exception_texts_stay_inside()
    {
        await using var server = await Loopback.StartWithDefaultsAsync(b => b.Services.AddHealthChecks()
            .AddAsyncCheck("postgres", () => throw new InvalidOperationException(Secret)));

        var summary = await (await server.Client.GetAsync("/health", Token)).Content.ReadAsStringAsync(Token);
        var detail = await (await server.Client.GetAsync("/health/detail", Token)).Content.ReadAsStringAsync(Token);

        Assert.DoesNotContain("hunter2", summary + detail, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(detail);
        var check = json.RootElement.GetProperty("checks").GetProperty("postgres");
        Assert.Equal("Unhealthy", check.GetProperty("status").GetString());
        Assert.Equal("System.InvalidOperationException", check.GetProperty("errorType").GetString());
        Assert.True(check.GetProperty("durationMs").GetDouble() >= 0);
    }

    [Fact]
    public async Task Checks_for_admins_do_not_make_the_process_unready()
    {
        await using var server = await Loopback.StartWithDefaultsAsync(b => b.Services.AddHealthChecks()
            .AddCheck("backlog", () => HealthCheckResult.Unhealthy("long"), ["detail"]));

        using var ready = await server.Client.GetAsync("/health", Token);
        using var detail = await server.Client.GetAsync("/health/detail", Token);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, detail.StatusCode);
        Assert.Contains("\"description\":\"long\"", await detail.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_that_never_answers_is_given_up()
    {
        var time = new HurriedTime(TimeSpan.FromSeconds(3));
        await using var server = await Loopback.StartWithDefaultsAsync(b =>
        {
            b.Services.AddSingleton<TimeProvider>(time);
            b.Services.AddHealthChecks().AddAsyncCheck("stuck", async () =>
            {
                await Task.Delay(Timeout.Infinite, Token);
                return HealthCheckResult.Healthy();
            });
        });

        using var response = await server.Client.GetAsync("/health", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("\"stuck\":\"Unhealthy\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_cannot_hammer_what_is_checked()
    {
        var runs = 0;
        var time = new HurriedTime();
        await using var server = await Loopback.StartWithDefaultsAsync(b =>
        {
            b.Services.AddSingleton<TimeProvider>(time);
            b.Services.AddHealthChecks().AddCheck("postgres", () =>
            {
                Interlocked.Increment(ref runs);
                return HealthCheckResult.Healthy();
            });
        });

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Client.GetStringAsync("/health", Token)));
        Assert.Equal(1, runs);

        time.Advance(TimeSpan.FromSeconds(1));
        await server.Client.GetStringAsync("/health", Token);
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Detail_is_for_admins_where_there_are_admins()
    {
        await using var server = await Loopback.StartWithDefaultsAsync(b =>
        {
            b.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
            b.Services.AddAuthorizationBuilder().AddPolicy("admin", policy => policy.RequireRole("admin"))
                .SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        });

        using var detail = await server.Client.GetAsync("/health/detail", Token);
        using var ready = await server.Client.GetAsync("/health", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, detail.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Detail_is_hidden_from_who_comes_through_a_reverse_proxy_where_there_are_no_admins()
    {
        await using var server = await WithChecks();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/detail") { Headers = { { "X-Forwarded-For", "203.0.113.9" } } };

        using var response = await server.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static Task<Loopback> WithChecks(params (string Name, HealthCheckResult Result)[] checks) => Loopback.StartWithDefaultsAsync(builder =>
    {
        foreach (var (name, result) in checks)
        {
            builder.Services.AddHealthChecks().AddCheck(name, () => result);
        }
    });
}
