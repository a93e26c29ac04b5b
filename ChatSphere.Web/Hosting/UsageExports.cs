using System.Security.Claims;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Hosting;

/// <summary>What models were used for, on its way to a file on the administrator's machine.</summary>
public static class UsageExports
{
    private static readonly string[] Passed = ["by", "from", "to"];

    public static void MapUsageExports(this IEndpointRouteBuilder routes) => routes.MapGet("/bff/usage/export", HandleAsync).RequireAuthorization();

    private static async Task<IResult> HandleAsync(HttpContext context, ApiTransport transport)
    {
        // A page elsewhere could have it made and written down, though not read: only pages of ours, or the person directly.
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var query = ApiCalls.Query([("format", "csv"), .. Passed.Select(name => (name, (object?)(context.Request.Query[name].ToString() is { Length: > 0 } value ? value : null)))]);
        var opened = await transport.OpenAsync(
            ApiTransport.StreamClientName, context.User.FindFirstValue(WebSession.IdClaim), () => new(HttpMethod.Get, ApiCalls.Address("v1/admin/usage" + query)), context.RequestAborted);
        if (!opened.Succeeded)
        {
            return Results.Problem(opened.Problem.Detail, statusCode: opened.Problem.Status is >= 400 and < 600 ? opened.Problem.Status : StatusCodes.Status502BadGateway);
        }

        using var response = opened.Value;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        context.Response.Headers.ContentDisposition = response.Content.Headers.ContentDisposition?.ToString() ?? "attachment";
        context.Response.Headers.CacheControl = "no-store";
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        return Results.Empty;
    }
}
