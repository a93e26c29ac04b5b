using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;

namespace ChatSphere.ServiceDefaults.Telemetry;

/// <summary>
/// Names the server span "METHOD route" and gives it the route, the status and the error, which ASP.NET Core leaves to
/// OpenTelemetry.Instrumentation.AspNetCore. Probes and scrapes leave no spans, neither their own nor those of the work they cause.
/// </summary>
internal sealed class ServerSpans : IStartupFilter
{
    private static readonly string[] Untraced = ["/health", "/alive", "/metrics"];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(RunAsync);
        next(app);
    };

    private static async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (IsUntraced(context.Request.Path))
        {
            if (span is not null)
            {
                span.IsAllDataRequested = false;
                span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            }

            // Not left to the parent-based sampler: with OTEL_TRACES_SAMPLER=always_on the checks' SQL would still be recorded.
            using (SuppressInstrumentationScope.Begin())
            {
                await next(context);
            }

            return;
        }

        if (span is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }

        // A header, and one that identifies people.
        span.SetTag("user_agent.original", null);
        try
        {
            await next(context);
        }
        catch (Exception failure)
        {
            var abandoned = failure is OperationCanceledException && context.RequestAborted.IsCancellationRequested;
            Describe(span, context, abandoned ? StatusCodes.Status499ClientClosedRequest : StatusCodes.Status500InternalServerError, failure);
            throw;
        }

        Describe(span, context, context.Response.StatusCode, context.Features.Get<IExceptionHandlerFeature>()?.Error);
    }

    private static void Describe(Activity span, HttpContext context, int status, Exception? failure)
    {
        // The exception handler clears the endpoint before it runs, and keeps it in its feature.
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        if ((endpoint as RouteEndpoint)?.RoutePattern.RawText is { } pattern)
        {
            var route = pattern.StartsWith('/') ? pattern : "/" + pattern;
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }
        else
        {
            // Never the path: names must stay few.
            span.DisplayName = context.Request.Method;

            // Of a route of ours it holds ids; of no route, whatever somebody typed or pasted.
            span.SetTag("url.path", null);
        }

        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", failure?.GetType().FullName ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static bool IsUntraced(PathString path) => Array.Exists(Untraced, prefix => path.StartsWithSegments(prefix));
}
