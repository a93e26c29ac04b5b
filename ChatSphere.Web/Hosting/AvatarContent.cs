using System.Globalization;
using System.Security.Claims;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Hosting;

/// <summary>Pictures of people, bots and servers: user content on a path of its own, which no browser may take for a page of this site.</summary>
public static class AvatarContent
{
    public static void MapAvatarContent(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/content/avatars/{id:guid}", (Guid id, HttpContext context, ApiTransport transport, string? v = null) => HandleAsync("people", "avatar", id, context, transport, v)).RequireAuthorization();
        routes.MapGet("/content/bots/{id:guid}", (Guid id, HttpContext context, ApiTransport transport, string? v = null) => HandleAsync("bots", "avatar", id, context, transport, v)).RequireAuthorization();
        routes.MapGet("/content/servers/{id:guid}", (Guid id, HttpContext context, ApiTransport transport, string? v = null) => HandleAsync("servers", "icon", id, context, transport, v)).RequireAuthorization();
    }

    private static async Task HandleAsync(string whose, string what, Guid id, HttpContext context, ApiTransport transport, string? v)
    {
        var opened = await transport.OpenAsync(
            ApiTransport.ClientName, context.User.FindFirstValue(WebSession.IdClaim),
            () => new(HttpMethod.Get, ApiCalls.Address(string.Create(CultureInfo.InvariantCulture, $"v1/{whose}/{id}/{what}") + ApiCalls.Query(("v", v)))), context.RequestAborted);
        if (!opened.Succeeded)
        {
            context.Response.StatusCode = opened.Problem.IsNotFound ? StatusCodes.Status404NotFound : StatusCodes.Status502BadGateway;
            return;
        }

        using var response = opened.Value;
        if (response.Content.Headers.ContentType?.MediaType is not ("image/png" or "image/jpeg" or "image/webp"))
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }

        var headers = context.Response.Headers;
        headers.ContentType = response.Content.Headers.ContentType.MediaType;
        headers.ContentLength = response.Content.Headers.ContentLength;
        headers.ContentDisposition = response.Content.Headers.ContentDisposition?.ToString();
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = response.Headers.CacheControl?.ToString() ?? "private, no-cache";
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
