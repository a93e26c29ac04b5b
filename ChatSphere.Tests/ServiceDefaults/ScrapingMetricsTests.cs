using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class ScrapingMetricsTests
{
    private const string Scope = "otel_scope_name=\"ChatSphere.Trial\"";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counters_count_by_label()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        var counter = Trial(server).CreateCounter<long>("chatsphere.turns.started", "{turn}", "Turns that began.");
        counter.Add(2, new("kind", "chat"), new("model.name", "a"));
        counter.Add(3, new("model.name", "a"), new("kind", "chat"));
        counter.Add(1);

        var page = await ScrapeAsync(server);

        Assert.Equal("counter", page.Types["chatsphere_turns_started_total"]);
        Assert.Equal("Turns that began.", page.Help["chatsphere_turns_started_total"]);
        Assert.Equal(5, page["chatsphere_turns_started_total", $"{Scope},kind=\"chat\",model_name=\"a\""]);
        Assert.Equal(1, page["chatsphere_turns_started_total", Scope]);
    }

    [Fact]
    public async Task Gauges_go_up_and_down()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        var meter = Trial(server);
        var open = meter.CreateUpDownCounter<int>("streams.open");
        open.Add(5);
        open.Add(-2);
        var heat = meter.CreateGauge<double>("temperature", "Cel");
        heat.Record(21.5);
        heat.Record(-3.25);
        var parts = 0.25;
        meter.CreateObservableGauge("cache.filled", () => parts, "1");
        meter.CreateObservableUpDownCounter("queue.length", () => new Measurement<int>(7, new KeyValuePair<string, object?>("queue", "a")));
        meter.CreateObservableCounter("bytes.sent", () => 4096L, "By");

        var first = await ScrapeAsync(server);
        parts = 0.5;
        var second = await ScrapeAsync(server);

        Assert.Equal(3, first["streams_open", Scope]);
        Assert.Equal(-3.25, first["temperature_celsius", Scope]);
        Assert.Equal(0.25, first["cache_filled_ratio", Scope]);
        Assert.Equal(0.5, second["cache_filled_ratio", Scope]);
        Assert.Equal(7, second["queue_length", $"{Scope},queue=\"a\""]);
        Assert.Equal(4096, second["bytes_sent_total", Scope]);
        Assert.Equal("gauge", second.Types["queue_length"]);
        Assert.Equal("counter", second.Types["bytes_sent_total"]);
    }

    [Fact]
    public async Task Histograms_take_the_advised_bounds()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        var meter = Trial(server);
        var advised = meter.CreateHistogram("answer.time", "s", "How long.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 3] });
        advised.Record(1);
        advised.Record(2.5);
        advised.Record(99);
        var plain = meter.CreateHistogram<double>("wait", "s");
        plain.Record(0.03, new KeyValuePair<string, object?>("le", "trap"));

        var page = await ScrapeAsync(server);

        Assert.Equal("histogram", page.Types["answer_time_seconds"]);
        Assert.Equal(1, page["answer_time_seconds_bucket", $"{Scope},le=\"1\""]);
        Assert.Equal(1, page["answer_time_seconds_bucket", $"{Scope},le=\"2\""]);
        Assert.Equal(2, page["answer_time_seconds_bucket", $"{Scope},le=\"3\""]);
        Assert.Equal(3, page["answer_time_seconds_bucket", $"{Scope},le=\"+Inf\""]);
        Assert.Equal(102.5, page["answer_time_seconds_sum", Scope]);
        Assert.Equal(3, page["answer_time_seconds_count", Scope]);
        Assert.Equal(0, page["wait_seconds_bucket", $"{Scope},tag_le=\"trap\",le=\"0.025\""]);
        Assert.Equal(1, page["wait_seconds_bucket", $"{Scope},tag_le=\"trap\",le=\"0.05\""]);
    }

    [Fact]
    public async Task Label_values_are_escaped()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        Trial(server).CreateCounter<int>("odd").Add(1, new KeyValuePair<string, object?>("what", "a\"b\\c\nd,e=}"));

        var page = await ScrapeAsync(server);

        Assert.Equal(1, page["odd_total", $$"""{{Scope}},what="a\"b\\c\nd,e=}" """.TrimEnd()]);
    }

    [Fact]
    public async Task One_instrument_cannot_grow_without_end()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        var counter = Trial(server).CreateCounter<int>("visitors");
        for (var i = 0; i < 5000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("name", i));
        }

        var page = await ScrapeAsync(server);

        Assert.Equal(2001, page.SeriesOf("visitors_total").Count());
        Assert.Equal(3000, page["visitors_total", $"{Scope},otel_metric_overflow=\"true\""]);
    }

    [Fact]
    public async Task Two_meters_with_the_same_instrument_do_not_clash()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        var factory = server.Services.GetRequiredService<IMeterFactory>();
        factory.Create("ChatSphere.One").CreateCounter<int>("jobs").Add(1);
        factory.Create("ChatSphere.Two").CreateCounter<int>("jobs").Add(2);
        factory.Create("ChatSphere.Two").CreateUpDownCounter<int>("jobs_total").Add(9);

        var page = await ScrapeAsync(server);

        Assert.Equal(1, page["jobs_total", "otel_scope_name=\"ChatSphere.One\""]);
        Assert.Equal(2, page["jobs_total", "otel_scope_name=\"ChatSphere.Two\""]);
    }

    [Fact]
    public async Task Server_client_and_runtime_are_measured_and_probes_are_not()
    {
        await using var server = await Loopback.StartWithDefaultsAsync(map: app => app.MapGet("/things/{id}", (string id) => id));
        await server.Client.GetStringAsync("/things/1", Token);
        await server.Client.GetStringAsync("/health", Token);

        var text = await server.Client.GetStringAsync("/metrics", Token);
        var page = PrometheusPage.Parse(text);

        Assert.Contains(page.SeriesOf("http_server_request_duration_seconds_count"), s => s.Contains("http_route=\"/things/{id}\"", StringComparison.Ordinal));
        Assert.DoesNotContain(page.SeriesOf("http_server_request_duration_seconds_count"), s => s.Contains("/health", StringComparison.Ordinal));
        Assert.Contains("http_client_request_duration_seconds", page.Types.Keys);
        Assert.Contains("dotnet_gc_collections_total", page.Types.Keys);
        Assert.Contains("dotnet_process_cpu_time_seconds_total", page.Types.Keys);
    }

    [Fact]
    public async Task Page_says_its_format()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();

        using var response = await server.Client.GetAsync("/metrics", Token);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Who_comes_through_a_reverse_proxy_finds_nothing()
    {
        await using var server = await Loopback.StartWithDefaultsAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "X-Forwarded-For", "203.0.113.9" } } };

        using var response = await server.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("right", HttpStatusCode.OK)]
    [InlineData("wrong", HttpStatusCode.NotFound)]
    [InlineData(null, HttpStatusCode.NotFound)]
    public async Task Token_opens_the_page_once_one_is_configured(string? token, HttpStatusCode expected)
    {
        await using var server = await Loopback.StartWithDefaultsAsync(settings: ("Metrics:Token", "right"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

        using var response = await server.Client.SendAsync(request, Token);

        Assert.Equal(expected, response.StatusCode);
    }

    private static Meter Trial(Loopback server) => server.Services.GetRequiredService<IMeterFactory>().Create("ChatSphere.Trial");

    private static async Task<PrometheusPage> ScrapeAsync(Loopback server) => PrometheusPage.Parse(await server.Client.GetStringAsync("/metrics", Token));
}
