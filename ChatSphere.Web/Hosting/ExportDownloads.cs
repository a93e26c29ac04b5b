using System.Security.Claims;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Hosting;

/// <summary>Exports on their way from the API to the browser's downloads, as they come.</summary>
public static class ExportDownloads
{
    public static void MapExportDownloads(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/bff/exports/{id:guid}", (Guid id, HttpContext context, ApiTransport transport) => SendAsync($"v1/accounts/me/exports/{id}/content", "/settings/privacy", context, transport)).RequireAuthorization();
        routes.MapGet("/bff/privacy/exports/{id:guid}", (Guid id, HttpContext context, ApiTransport transport) => SendAsync($"v1/privacy/exports/{id}/content", "/admin/privacy", context, transport))
            .RequireAuthorization(policy => policy.RequireClaim(WebSession.PermissionClaim, Permissions.PrivacyManage.Name));
    }

    private static async Task SendAsync(string path, string page, HttpContext context, ApiTransport transport)
    {
        var opened = await transport.OpenAsync(
            ApiTransport.StreamClientName, context.User.FindFirstValue(WebSession.IdClaim), () => new(HttpMethod.Get, ApiCalls.Address(path)), context.RequestAborted);
        if (!opened.Succeeded)
        {
            // A link in a page was clicked: what the person sees next is a page again.
            context.Response.Redirect(opened.Problem.Code switch
            {
                ErrorCodes.ReauthenticationRequired => "/confirm-identity" + ApiCalls.Query((SignInCookie.ReturnUrl, page)),
                ApiProblem.SessionEnded => SignInCookie.Path + ApiCalls.Query(("ended", 1), (SignInCookie.ReturnUrl, page)),
                _ => page + "?download=failed",
            });
            return;
        }

        using var response = opened.Value;
        context.Response.ContentType = "application/zip";
        context.Response.ContentLength = response.Content.Headers.ContentLength;
        context.Response.Headers.ContentDisposition = response.Content.Headers.ContentDisposition?.ToString() ?? "attachment; filename=chatsphere.zip";
        context.Response.Headers.CacheControl = "no-store";
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
