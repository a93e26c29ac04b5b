using System.Net;
using ChatSphere.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class CallingAFailingServerTests
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(7);
    private readonly HurriedTime time = new(RetryAfter);
    private int calls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Safe_request_waits_as_long_as_the_server_asks_and_is_repeated(string method)
    {
        await using var server = await FailingOnceAsync();
        using var client = Client();

        using var response = await client.SendAsync(new(new(method), server.Address), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, calls);
        Assert.Contains(RetryAfter, time.Waits);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Unsafe_request_is_sent_once(string method)
    {
        await using var server = await FailingOnceAsync();
        using var client = Client();

        using var response = await client.SendAsync(new(new(method), server.Address) { Content = new StringContent("once") }, Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Post_that_says_it_is_repeatable_is_repeated()
    {
        await using var server = await FailingOnceAsync();
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new StringContent("again") };
        request.Options.Set(ResilienceRequestOptions.Repeatable, true);

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Answer_is_given_back_when_the_server_asks_for_more_patience_than_the_total_timeout()
    {
        await using var server = await Loopback.StartAsync(app => app.MapGet("/", (HttpResponse response) =>
        {
            Interlocked.Increment(ref calls);
            response.Headers.RetryAfter = "3600";
            response.StatusCode = 429;
        }));
        using var client = Client();

        using var response = await client.GetAsync(server.Address, Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Client_errors_are_not_repeated()
    {
        await using var server = await Loopback.StartAsync(app => app.MapGet("/", (HttpResponse response) =>
        {
            Interlocked.Increment(ref calls);
            response.StatusCode = 404;
        }));
        using var client = Client();

        using var response = await client.GetAsync(server.Address, Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Attempt_without_headers_is_given_up()
    {
        await using var server = await Loopback.StartAsync(app => app.MapPost("/", async (HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted)));
        using var client = Client(options => options.AttemptTimeout.Timeout = RetryAfter);

        await Assert.ThrowsAsync<TimeoutRejectedException>(() => client.PostAsync(server.Address, null, Token));
    }

    [Fact]
    public async Task Body_may_take_longer_than_every_timeout()
    {
        using var firstPartRead = new SemaphoreSlim(0);
        await using var server = await Loopback.StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("first ", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await firstPartRead.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("second", context.RequestAborted);
        }));
        var clock = new FiringTime();
        using var client = Client(time: clock);

        using var response = await client.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead, Token);
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        var first = new char[6];
        await body.ReadBlockAsync(first, Token);
        clock.FireAll();
        firstPartRead.Release();

        Assert.Equal("first ", new string(first));
        Assert.Equal("second", await body.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Request_may_switch_the_timeouts_off()
    {
        await using var server = await Loopback.StartAsync(app => app.MapPost("/", () => "slow"));
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address);
        request.Options.Set(ResilienceRequestOptions.WithoutTimeouts, true);

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(time.Waits);
    }

    [Fact]
    public async Task Client_without_resilience_handlers_sees_the_first_answer()
    {
        await using var server = await FailingOnceAsync();
        var services = Services(time);
        services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler());
        services.AddHttpClient("plain").RemoveAllResilienceHandlers();
        await using var provider = services.BuildServiceProvider();

        using var response = await provider.GetRequiredService<IHttpClientFactory>().CreateClient("plain").GetAsync(server.Address, Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Host_that_keeps_failing_is_left_alone_and_others_are_not()
    {
        await using var broken = await Loopback.StartAsync(app => app.MapPost("/", (HttpResponse response) =>
        {
            Interlocked.Increment(ref calls);
            response.StatusCode = 500;
        }));
        await using var sound = await Loopback.StartAsync(app => app.MapPost("/", () => "sound"));
        using var client = Client(options => options.CircuitBreaker.MinimumThroughput = 4);

        for (var i = 0; i < 4; i++)
        {
            (await client.PostAsync(broken.Address, null, Token)).Dispose();
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.PostAsync(broken.Address, null, Token));
        Assert.Equal(4, calls);
        using var response = await client.PostAsync(sound.Address, null, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static IServiceCollection Services(TimeProvider time) => new ServiceCollection().AddLogging(l => l.ClearProviders()).AddSingleton(time);

    private Task<Loopback> FailingOnceAsync() => Loopback.StartAsync(app => app.Run(context =>
    {
        if (Interlocked.Increment(ref calls) == 1)
        {
            context.Response.Headers.RetryAfter = "7";
            context.Response.StatusCode = 503;
        }

        return Task.CompletedTask;
    }));

    private HttpClient Client(Action<HttpStandardResilienceOptions>? configure = null, TimeProvider? time = null)
    {
        var services = Services(time ?? this.time);
        services.AddHttpClient("x").AddStandardResilienceHandler(configure ?? (_ => { }));
        return services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>().CreateClient("x");
    }

    /// <summary>Every timer that is still alive fires when told.</summary>
    private sealed class FiringTime : TimeProvider
    {
        private readonly List<Firing> timers = [];

        public void FireAll() => timers.ToList().ForEach(timer => timer.Fire());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Firing(callback, state) { Armed = dueTime != Timeout.InfiniteTimeSpan };
            timers.Add(timer);
            return timer;
        }

        private sealed class Firing(TimerCallback callback, object? state) : ITimer
        {
            public bool Armed { get; set; }

            public void Fire()
            {
                if (Armed)
                {
                    callback(state);
                }
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => Armed = dueTime != Timeout.InfiniteTimeSpan;

            public void Dispose() => Armed = false;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
