#if BLAZOR_SCRIPT_FROM_RUNTIME_PACK
using System.Runtime.Loader;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Web.Hosting;

/// <summary>
/// Serves Blazor's browser script out of the ASP.NET Core 9.0 assembly that carries it as a resource, where the feed lacks the package in which 10.0 has it. Nothing of that
/// assembly is run: it is opened for the one resource. Goes when the package is in every feed (docs/adr/0006).
/// </summary>
internal static class BlazorScript
{
    private const string Resource = "_framework/blazor.web.js";

    public static IEndpointRouteBuilder MapBlazorScript(this IEndpointRouteBuilder app)
    {
        var script = Read();
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(script))[..16]}\"");
        app.MapGet("/_framework/blazor.web.js", (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(script, "text/javascript", entityTag: tag);
        }).AllowAnonymous().ExcludeFromDescription();
        return app;
    }

    private static byte[] Read()
    {
        var context = new AssemblyLoadContext("blazor-script", isCollectible: true);
        try
        {
            var carrier = context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "blazor-script", "Microsoft.AspNetCore.Components.Endpoints.dll"));
            using var stream = carrier.GetManifestResourceStream(carrier.GetManifestResourceNames().Single(n => n.Replace('\\', '/').EndsWith(Resource, StringComparison.Ordinal) || n.EndsWith("blazor.web.js", StringComparison.Ordinal)))!;
            var script = new byte[stream.Length];
            stream.ReadExactly(script);
            return script;
        }
        finally
        {
            context.Unload();
        }
    }
}
#endif
