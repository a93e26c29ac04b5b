using System.Security.Cryptography;
using System.Text;
using ChatSphere.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace ChatSphere.ServiceDefaults.Prometheus;

internal static class MetricsEndpoint
{
    private const string Scheme = "Bearer ";

    /// <summary>
    /// The process's metrics in the Prometheus text format. Without <c>Metrics:Token</c> only callers on this machine get them; with it whoever sends
    /// <c>Authorization: Bearer &lt;token&gt;</c>, and nobody else. Everyone else is told there is no such page.
    /// </summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/metrics", ServeAsync).AsProbe().AllowAnonymous();

    private static async Task ServeAsync(HttpContext context, IConfiguration configuration, InstrumentCollector collector)
    {
        if (!MayRead(context, configuration["Metrics:Token"]))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(PrometheusText.Write(collector.Collect()), context.RequestAborted);
    }

    private static bool MayRead(HttpContext context, string? token)
    {
        if (string.IsNullOrWhiteSpace(token))
        {
            return LocalCaller.Is(context);
        }

        // Hashed first: FixedTimeEquals answers at once when the lengths differ, which would tell the token's length.
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Digest(header[Scheme.Length..].Trim()), Digest(token));
    }

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
