using System.Security.Claims;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Web.Sessions;

public static class SignOut
{
    public static void MapSignOut(this IEndpointRouteBuilder routes) => routes.MapPost("/sign-out", HandleAsync);

    // Binding from a form is what makes the antiforgery middleware look at this endpoint.
    private static async Task<IResult> HandleAsync(
        HttpContext context, SessionStore sessions, ApiTransport transport, [FromForm(Name = "confirm")] string? confirm, CancellationToken cancellationToken)
    {
        _ = confirm;
        if (context.User.FindFirstValue(WebSession.IdClaim) is { } id && await sessions.FindAsync(id) is { } session)
        {
            // Should the API be away, the refresh token dies with the session here: nobody else has it.
            await transport.SendAsync<Nothing>(
                id,
                () => new(HttpMethod.Post, ApiCalls.Address("v1/accounts/sign-out")) { Content = JsonContent.Create(new RefreshRequest(session.RefreshToken), options: ApiTransport.Json) },
                cancellationToken);
            await sessions.RemoveAsync(id);
        }

        await context.SignOutAsync();

        // What pages of this person the browser keeps is forgotten with the session. Not the cookies: the choice of colours stays.
        context.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        return Results.LocalRedirect("/");
    }
}
