using ChatSphere.ServiceDefaults.Health;
using ChatSphere.ServiceDefaults.Prometheus;
using ChatSphere.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every ChatSphere process does alike: telemetry, health, service discovery, resilient HTTP, logs, shutdown. Nothing of the product.</summary>
public static class Extensions
{
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.AddConsoleLogs();

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // Resilience outside, discovery inside: each retry goes to the next address of the service.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = TimeSpan.FromSeconds(10);
            host.ServicesStartConcurrently = true;
            host.ServicesStopConcurrently = true;
        });
        return builder;
    }

    /// <summary>Traces, metrics and logs; sent over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, with the standard <c>OTEL_*</c> settings.</summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        // Off by default in ASP.NET Core 10: without it the server span has no method, path or address.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ServerSpans>());
        builder.Services.TryAddSingleton<InstrumentCollector>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, InstrumentCollectorStart>());

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
            {
                // OTEL_SERVICE_NAME is read by the SDK and must win: under Aspire it is the resource's name, not the project's.
                if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]))
                {
                    resource.AddService(builder.Environment.ApplicationName);
                }
            })
            .WithTracing(tracing => tracing.AddSource(builder.Environment.ApplicationName).AddSource([.. TelemetryNames.Sources]))
            .WithMetrics(metrics => metrics.AddMeter([.. TelemetryNames.Meters]))
            .WithLogging(null, logs =>
            {
                logs.IncludeFormattedMessage = true;
                logs.IncludeScopes = true;
            });

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
        }

        return builder;
    }

    /// <summary>
    /// The check <c>self</c> behind <c>/alive</c>, and bounds for every check of the process: an answer within 3 seconds or the check's failure status,
    /// run at most once a second however often it is asked for. Services add their own with <c>AddHealthChecks().AddCheck&lt;T&gt;("postgres")</c>;
    /// the tag <c>live</c> puts a check into <c>/alive</c>, the tag <c>detail</c> keeps it out of <c>/health</c>.
    /// </summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(BoundedHealthCheck.Wrap);
        return builder;
    }

    /// <summary><c>/alive</c>, <c>/health</c>, <c>/health/detail</c> and <c>/metrics</c>; see docs/operations.md for who may read which.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth();
        app.MapMetrics();
        return app;
    }

    /// <summary>One readable line in development, JSON with UTC timestamps elsewhere; <c>Logging:Console:FormatterName</c> and <c>…:FormatterOptions</c> win.</summary>
    private static void AddConsoleLogs(this IHostApplicationBuilder builder)
    {
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);

        var configured = builder.Configuration.GetSection("Logging:Console");
        if (string.IsNullOrWhiteSpace(configured["FormatterName"]))
        {
            builder.Services.Configure<ConsoleLoggerOptions>(console =>
                console.FormatterName = builder.Environment.IsDevelopment() ? ConsoleFormatterNames.Simple : ConsoleFormatterNames.Json);
        }

        builder.Services.Configure<SimpleConsoleFormatterOptions>(simple =>
        {
            simple.SingleLine = true;
            simple.TimestampFormat = "HH:mm:ss.fff ";
            configured.GetSection("FormatterOptions").Bind(simple);
        });
        builder.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            configured.GetSection("FormatterOptions").Bind(json);
        });
    }
}
