using ChatSphere.Contracts;
using ChatSphere.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Http;

/// <summary>Marks a route that changes what protects the account.</summary>
internal sealed class RecentlyAuthenticated : IEndpointFilter
{
    public static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var services = http.RequestServices;
        var since = services.GetRequiredService<TimeProvider>().GetUtcNow() - Within;

        // Asked of the database each time: another node may have checked the person a second ago.
        return CurrentUser.From(http.User) is { Credential.IsApiKey: false } user
            && await services.GetRequiredService<ChatSphereDb>().Sessions.AnyAsync(s => s.Id == user.Credential.Id && s.AuthenticatedAt >= since, http.RequestAborted)
            ? await next(context)
            : Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.ReauthenticationRequired, "Prove again that it is you: POST /v1/accounts/me/reauthenticate, then repeat.");
    }
}

internal static class RecentlyAuthenticatedRouting
{
    /// <summary>Only shortly after the person has proved who they are (ASVS 7.5.1).</summary>
    public static RouteHandlerBuilder RequiresRecentAuthentication(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter(new RecentlyAuthenticated()).WithMetadata(new RecentlyAuthenticated()).ProducesProblem(StatusCodes.Status403Forbidden);
}
