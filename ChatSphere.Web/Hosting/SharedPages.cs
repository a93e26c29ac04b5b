using ChatSphere.Web.Clients;
using ChatSphere.Web.Components.Pages.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Web.Hosting;

/// <summary>
/// What a link to a conversation shows, to anybody. What stands in it was written by somebody whom the reader need not trust, so the page is a dead one: no scripts, no forms,
/// nothing from elsewhere. It keeps the site's origin, because its style sheet is for that only; without scripts nothing can make use of it.
/// </summary>
public static class SharedPages
{
    public static void MapSharedPages(this IEndpointRouteBuilder routes) => routes.MapGet("/shared/{token}", async (string token, HttpContext context, ConversationsClient conversations) =>
    {
        var shared = await conversations.SharedAsync(token, context.RequestAborted);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin";
        headers["X-Robots-Tag"] = "noindex, nofollow, noarchive";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        return new RazorComponentResult<SharedPage>(new { Shared = shared.Value, shared.Problem }) { StatusCode = shared.Succeeded ? StatusCodes.Status200OK : shared.Problem.Status is 429 or >= 500 ? shared.Problem.Status : StatusCodes.Status404NotFound };
    }).AllowAnonymous();
}
