using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class ExportingTelemetryTests
{
    [Fact]
    public async Task All_three_signals_reach_a_configured_collector_before_the_process_ends()
    {
        var received = new ConcurrentDictionary<string, long>();
        await using var collector = await Loopback.StartAsync(app => app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, body.Length, (_, before) => before + body.Length);
            context.Response.ContentType = "application/x-protobuf";
        }));

        var server = await Loopback.StartWithDefaultsAsync(
            map: app => app.MapGet("/hello", (ILogger<ExportingTelemetryTests> logger) => logger.LogWarning("Hello")),
            settings: [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
        await server.Client.GetStringAsync("/hello", TestContext.Current.CancellationToken);
        await server.DisposeAsync();

        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], received.Keys.Order());
    }
}
