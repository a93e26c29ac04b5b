using System.Security.Claims;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Antiforgery;

namespace ChatSphere.Web.Hosting;

/// <summary>What a browser needs to make or use a passkey, asked for at the press of the button, since it is good for minutes only.</summary>
public static class PasskeyOptions
{
    public static void MapPasskeyOptions(this IEndpointRouteBuilder routes)
    {
        // The token comes in a header; the middleware for forms looks into bodies.
        var passkeys = routes.MapGroup("/bff/passkeys").DisableAntiforgery().AddEndpointFilter(WithTokenAsync);
        passkeys.MapPost("/sign-in", async (HttpContext http, AccountsClient accounts, SecondStep steps, bool? second) =>
            Answer(await accounts.PasskeyOptionsAsync(second == true ? steps.Find(http)?.Ticket : null)));
        passkeys.MapPost("/new", (HttpContext http, ApiTransport transport) => ForSignedInAsync(http, transport, "v1/accounts/me/passkeys/options")).RequireAuthorization();
        passkeys.MapPost("/confirm", (HttpContext http, ApiTransport transport) => ForSignedInAsync(http, transport, "v1/accounts/me/reauthenticate/passkey-options")).RequireAuthorization();
    }

    private static async Task<IResult> ForSignedInAsync(HttpContext http, ApiTransport transport, string path) =>
        Answer(await transport.SendAsync<PasskeyOptionsResponse>(http.User.FindFirstValue(WebSession.IdClaim), () => new(HttpMethod.Post, ApiCalls.Address(path)), http.RequestAborted));

    private static IResult Answer(ApiResult<PasskeyOptionsResponse> result) =>
        result.Succeeded ? Results.Json(result.Value) : Refuse(result.Problem.Status is >= 400 and < 600 ? result.Problem.Status : StatusCodes.Status502BadGateway, result.Problem.Code, result.Problem.Detail);

    private static IResult Refuse(int status, string code, string detail) => Results.Json(new { code, detail }, statusCode: status);

    private static async ValueTask<object?> WithTokenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            await context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(context.HttpContext);
        }
        catch (AntiforgeryValidationException)
        {
            return Refuse(StatusCodes.Status400BadRequest, ErrorCodes.RequestInvalid, "This page is out of date. Reload it and try again.");
        }

        return await next(context);
    }
}
