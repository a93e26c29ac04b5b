using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ChatSphere.ServiceDefaults.Health;

internal static class HealthEndpoints
{
    private const string AdminPolicy = "admin";

    /// <summary>Degraded answers 200, because traffic should still come; Unhealthy 503. Bodies never hold exception texts.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/alive", new() { Predicate = check => check.Tags.Contains("live"), ResponseWriter = WriteSummaryAsync }).AsProbe().AllowAnonymous();
        app.MapHealthChecks("/health", new() { Predicate = check => !check.Tags.Contains("detail"), ResponseWriter = WriteSummaryAsync }).AsProbe().AllowAnonymous();

        var detail = app.MapHealthChecks("/health/detail", new() { ResponseWriter = WriteDetailAsync }).AsProbe();
        if (app.Services.GetService<IAuthorizationService>() is not null
            && app.Services.GetService<IOptions<AuthorizationOptions>>()?.Value.GetPolicy(AdminPolicy) is not null)
        {
            detail.RequireAuthorization(AdminPolicy);
        }
        else
        {
            // Also where authorization is registered without this policy, which AddSignalR does by itself.
            detail.AllowAnonymous().AddLoopbackOnly();
        }
    }

    /// <summary>Probes are neither limited nor counted nor described.</summary>
    public static TBuilder AsProbe<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new DisableRateLimitingAttribute()).DisableHttpMetrics().ExcludeFromDescription();

    private static void AddLoopbackOnly(this IEndpointConventionBuilder endpoint) => endpoint.Add(builder =>
    {
        var inner = builder.RequestDelegate!;
        builder.RequestDelegate = context =>
        {
            if (LocalCaller.Is(context))
            {
                return inner(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
    });

    private static Task WriteSummaryAsync(HttpContext context, HealthReport report) => WriteAsync(context, report, static (json, entry) => json.WriteStringValue(entry.Status.ToString()));

    private static Task WriteDetailAsync(HttpContext context, HealthReport report) => WriteAsync(context, report, static (json, entry) =>
    {
        json.WriteStartObject();
        json.WriteString("status", entry.Status.ToString());
        json.WriteString("description", entry.Description);
        // The duration of the run behind a cached result, not of looking it up.
        var duration = entry.Data.TryGetValue(BoundedHealthCheck.Duration, out var measured) && measured is TimeSpan took ? took : entry.Duration;
        json.WriteNumber("durationMs", Math.Round(duration.TotalMilliseconds, 1));
        json.WriteString("errorType", entry.Exception?.GetType().FullName);
        json.WriteEndObject();
    });

    private static async Task WriteAsync(HttpContext context, HealthReport report, Action<Utf8JsonWriter, HealthReportEntry> writeEntry)
    {
        context.Response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", report.Status.ToString());
            json.WriteStartObject("checks");
            foreach (var (name, entry) in report.Entries)
            {
                json.WritePropertyName(name);
                writeEntry(json, entry);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted);
    }
}
