using System.Security.Claims;
using ChatSphere.Contracts.Notifications;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Hosting;

/// <summary>The number beside the bell, for the script of every page.</summary>
public static class InboxCounts
{
    public static void MapInboxCounts(this IEndpointRouteBuilder routes) => routes.MapGet("/bff/inbox/count", HandleAsync).RequireAuthorization();

    private static async Task<IResult> HandleAsync(HttpContext context, ApiTransport transport)
    {
        context.Response.Headers.CacheControl = "no-store";
        var counted = await transport.SendAsync<NotificationCountResponse>(
            context.User.FindFirstValue(WebSession.IdClaim), () => new(HttpMethod.Get, ApiCalls.Address("v1/notifications/count")), context.RequestAborted);
        return counted.Value is { } count ? Results.Json(new { unread = count.Unread }) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }
}
