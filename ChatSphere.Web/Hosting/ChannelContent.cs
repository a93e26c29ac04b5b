using System.Security.Claims;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Web.Hosting;

/// <summary>What people put into channels, on its way in and out: user content on a path of its own, which no browser may take for a page of this site.</summary>
public static class ChannelContent
{
    public static void MapChannelContent(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/bff/channels/{channelId:guid}/attachments", TakeAsync).RequireAuthorization().DisableAntiforgery();
        routes.MapGet("/content/channels/{channelId:guid}/attachments/{id:guid}", (Guid channelId, Guid id, HttpContext context, ApiTransport transport) =>
            ServeAsync($"v1/channels/{channelId}/attachments/{id}", context, transport)).RequireAuthorization();
        routes.MapGet("/content/servers/{serverId:guid}/emoji/{id:guid}", (Guid serverId, Guid id, HttpContext context, ApiTransport transport, string? v = null) =>
            ServeAsync($"v1/servers/{serverId}/emoji/{id}/image" + ApiCalls.Query(("v", v)), context, transport)).RequireAuthorization();
    }

    private static async Task<IResult> TakeAsync(Guid channelId, HttpContext context, IAntiforgery antiforgery, ApiTransport transport)
    {
        try
        {
            // In a header, so that the body is left alone.
            await antiforgery.ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            return Refuse(StatusCodes.Status400BadRequest, ErrorCodes.RequestInvalid, "This page is out of date. Reload it and try again.");
        }

        var request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send the files as multipart/form-data.");
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        var opened = await transport.OpenAsync(ApiTransport.StreamClientName, context.User.FindFirstValue(WebSession.IdClaim), Forward, context.RequestAborted);
        if (!opened.Succeeded)
        {
            var problem = opened.Problem;
            return Refuse(problem.Status is >= 400 and < 600 ? problem.Status : StatusCodes.Status502BadGateway, problem.Code, problem.Detail);
        }

        using var response = opened.Value;
        return Results.Json(await response.Content.ReadFromJsonAsync<UploadChannelAttachmentsResponse>(ApiTransport.Json, context.RequestAborted), ApiTransport.Json, statusCode: StatusCodes.Status201Created);

        HttpRequestMessage Forward()
        {
            var content = new StreamContent(request.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            content.Headers.ContentLength = request.ContentLength;
            var message = new HttpRequestMessage(HttpMethod.Post, ApiCalls.Address($"v1/channels/{channelId}/attachments")) { Content = content };
            message.Headers.ExpectContinue = true;
            return message;
        }
    }

    private static async Task ServeAsync(string path, HttpContext context, ApiTransport transport)
    {
        var opened = await transport.OpenAsync(ApiTransport.ClientName, context.User.FindFirstValue(WebSession.IdClaim), () => new(HttpMethod.Get, ApiCalls.Address(path)), context.RequestAborted);
        if (!opened.Succeeded)
        {
            context.Response.StatusCode = opened.Problem.Status is 403 or 404 ? StatusCodes.Status404NotFound : StatusCodes.Status502BadGateway;
            return;
        }

        using var response = opened.Value;
        var given = response.Content.Headers.ContentDisposition?.ToString();
        var isImage = response.Content.Headers.ContentType?.MediaType is "image/png" or "image/jpeg" or "image/webp" or "image/gif";
        var headers = context.Response.Headers;
        headers.ContentType = isImage ? response.Content.Headers.ContentType!.MediaType : "application/octet-stream";
        headers.ContentLength = response.Content.Headers.ContentLength;
        headers.ContentDisposition = isImage ? given : given?.StartsWith("attachment", StringComparison.OrdinalIgnoreCase) is true ? given : "attachment";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = response.Headers.CacheControl?.ToString() ?? "private, no-store";
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static IResult Refuse(int status, string code, string detail) => Results.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
