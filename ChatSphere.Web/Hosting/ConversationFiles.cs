using System.Security.Claims;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace ChatSphere.Web.Hosting;

/// <summary>Conversations on their way out to the browser's downloads, and exports of other services on their way in, both as they come.</summary>
public static class ConversationFiles
{
    public static void MapConversationFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/bff/conversations/{id:guid}/export", (Guid id, string? format, HttpContext context, ApiTransport transport) =>
            SendAsync($"v1/conversations/{id}/export" + ApiCalls.Query(("format", format)), $"/chat/{id}", context, transport)).RequireAuthorization();
        routes.MapGet("/bff/conversations/export", (string? format, HttpContext context, ApiTransport transport) =>
            SendAsync("v1/conversations/export" + ApiCalls.Query(("format", format)), "/settings/chats?download=failed", context, transport)).RequireAuthorization();
        routes.MapPost("/bff/imports", ImportAsync).RequireAuthorization().DisableAntiforgery();
    }

    private static async Task SendAsync(string path, string otherwise, HttpContext context, ApiTransport transport)
    {
        var opened = await transport.OpenAsync(ApiTransport.StreamClientName, context.User.FindFirstValue(WebSession.IdClaim), () => new(HttpMethod.Get, ApiCalls.Address(path)), context.RequestAborted);
        if (!opened.Succeeded)
        {
            // A link in a page was clicked: what the person sees next is a page again.
            context.Response.Redirect(opened.Problem.Code is ApiProblem.SessionEnded ? SignInCookie.Path + ApiCalls.Query(("ended", 1), (SignInCookie.ReturnUrl, otherwise)) : otherwise);
            return;
        }

        using var response = opened.Value;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString() ?? "application/octet-stream";
        context.Response.ContentLength = response.Content.Headers.ContentLength;
        context.Response.Headers.ContentDisposition = response.Content.Headers.ContentDisposition?.ToString() ?? "attachment; filename=chat";
        context.Response.Headers.CacheControl = "no-store";
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task<IResult> ImportAsync(Guid? botId, HttpContext context, IAntiforgery antiforgery, ApiTransport transport)
    {
        try
        {
            // The token comes in a header, so that the body is left alone.
            await antiforgery.ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            return Refuse(StatusCodes.Status400BadRequest, ErrorCodes.RequestInvalid, "This page is out of date. Reload it and try again.");
        }

        var request = context.Request;
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        var opened = await transport.OpenAsync(ApiTransport.StreamClientName, context.User.FindFirstValue(WebSession.IdClaim), Forward, context.RequestAborted);
        if (!opened.Succeeded)
        {
            var problem = opened.Problem;
            return Refuse(problem.Status is >= 400 and < 600 ? problem.Status : StatusCodes.Status502BadGateway, problem.Code, problem.Detail);
        }

        using var response = opened.Value;
        return Results.Json(await response.Content.ReadFromJsonAsync<ImportResponse>(ApiTransport.Json, context.RequestAborted), statusCode: StatusCodes.Status202Accepted);

        HttpRequestMessage Forward()
        {
            var content = new StreamContent(request.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            content.Headers.ContentLength = request.ContentLength;
            var message = new HttpRequestMessage(HttpMethod.Post, ApiCalls.Address("v1/imports" + ApiCalls.Query(("botId", botId)))) { Content = content };
            message.Headers.ExpectContinue = true;
            return message;
        }
    }

    private static IResult Refuse(int status, string code, string detail) => Results.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
