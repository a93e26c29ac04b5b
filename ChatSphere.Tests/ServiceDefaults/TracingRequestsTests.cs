using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class TracingRequestsTests
{
    private readonly Spans spans = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_span_has_route_and_status_and_nothing_that_identifies_the_caller()
    {
        await using var server = await TracedAsync(app => app.MapGet("/things/{id:int}", (int id) => id));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/things/7?token=secret") { Headers = { { "User-Agent", "someone" }, { "X-Api-Key", "secret" } } };
        (await server.Client.SendAsync(request, Token)).Dispose();

        var span = await spans.ServerSpanAsync(server);
        Assert.Equal("GET /things/{id:int}", span.DisplayName);
        Assert.Equal("/things/{id:int}", span.GetTagItem("http.route"));
        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Equal("/things/7", span.GetTagItem("url.path"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && (text.Contains("secret", StringComparison.Ordinal) || text.Contains("someone", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Unknown_path_does_not_become_a_name()
    {
        await using var server = await TracedAsync(_ => { });

        (await server.Client.GetAsync("/nothing/here", Token)).Dispose();

        var span = await spans.ServerSpanAsync(server);
        Assert.Equal("GET", span.DisplayName);
        Assert.Equal(404, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task Handled_failure_keeps_the_route_and_marks_the_span()
    {
        await using var server = await TracedAsync(app =>
        {
            app.UseExceptionHandler(errors => errors.Run(context => context.Response.WriteAsync("sorry", Token)));
            app.MapGet("/fails", string () => throw new InvalidOperationException("secret"));
        });

        (await server.Client.GetAsync("/fails", Token)).Dispose();

        var span = await spans.ServerSpanAsync(server);
        Assert.Equal("GET /fails", span.DisplayName);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("System.InvalidOperationException", span.GetTagItem("error.type"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unhandled_failure_marks_the_span()
    {
        await using var server = await TracedAsync(app => app.MapGet("/fails", string () => throw new InvalidOperationException("secret")));

        (await server.Client.GetAsync("/fails", Token)).Dispose();

        var span = await spans.ServerSpanAsync(server);
        Assert.Equal(500, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    [Fact]
    public async Task Probes_leave_no_spans()
    {
        using var work = new ActivitySource("ChatSphere.Trial");
        await using var server = await TracedAsync(app => app.MapGet("/marker", () => "ok"), services => services.AddHealthChecks().AddCheck("postgres", () =>
        {
            using var query = work.StartActivity("SELECT 1");
            return Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Healthy();
        }));

        await server.Client.GetStringAsync("/health", Token);
        await server.Client.GetStringAsync("/alive", Token);
        await server.Client.GetStringAsync("/metrics", Token);
        await server.Client.GetStringAsync("/marker", Token);

        Assert.Equal("GET /marker", (await spans.ServerSpanAsync(server)).DisplayName);
        Assert.DoesNotContain(spans.All, span => span.Source.Name == "ChatSphere.Trial");
    }

    private Task<Loopback> TracedAsync(Action<WebApplication> map, Action<IServiceCollection>? configure = null) => Loopback.StartWithDefaultsAsync(
        builder =>
        {
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans));
            configure?.Invoke(builder.Services);
        },
        map);

    /// <summary>Ended spans of the whole process; other tests' servers are told apart by their port.</summary>
    private sealed class Spans : BaseProcessor<Activity>
    {
        private readonly ConcurrentQueue<Activity> ended = [];
        private readonly SemaphoreSlim news = new(0);

        public IEnumerable<Activity> All => ended;

        public override void OnEnd(Activity data)
        {
            if (data.Recorded)
            {
                ended.Enqueue(data);
                news.Release();
            }
        }

        public async Task<Activity> ServerSpanAsync(Loopback server)
        {
            while (true)
            {
                // The span ends after the response was sent.
                if (ended.SingleOrDefault(span => span.Kind == ActivityKind.Server && Equals(span.GetTagItem("server.port"), server.Address.Port)) is { } found)
                {
                    return found;
                }

                await news.WaitAsync(Token);
            }
        }
    }
}
