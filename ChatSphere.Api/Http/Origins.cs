using ChatSphere.Data;

namespace ChatSphere.Api.Http;

/// <summary>
/// Other sites' pages that may call the Api from a browser: exactly the origins in <c>Cors:Origins</c>, none by default. Never with cookies, of which the Api has none: a page
/// must have a token of its own.
/// </summary>
internal static class Origins
{
    public const string Key = "Cors:Origins";

    public static IHostApplicationBuilder AddOrigins(this IHostApplicationBuilder builder)
    {
        var origins = builder.Configuration.GetSection(Key).Get<string[]>() ?? [];
        foreach (var origin in origins)
        {
            // No wildcard, no "null", no path: what is compared is the whole origin.
            if (!SiteOptions.IsOrigin(origin))
            {
                throw new InvalidOperationException($"{Key} holds \"{origin}\": it must be a scheme, host and port and nothing more, such as https://app.example.com.");
            }
        }

        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins)
            .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "If-Match")
            .WithExposedHeaders("Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Content-Disposition", "ETag")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
        return builder;
    }
}
