using System.Security.Claims;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Context;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Web.Hosting;

/// <summary>What people give to conversations, on its way in, and pictures on their way out: user content on a path of its own, which no browser may take for a page of this site.</summary>
public static class AttachmentTransfer
{
    public static void MapAttachmentTransfer(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/bff/conversations/{conversationId:guid}/attachments", TakeAsync).RequireAuthorization().DisableAntiforgery();
        routes.MapGet("/content/conversations/{conversationId:guid}/attachments/{id:guid}", ServeAsync).RequireAuthorization();
    }

    private static async Task<IResult> TakeAsync(Guid conversationId, HttpContext context, IAntiforgery antiforgery, ApiTransport transport)
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
        return Results.Json(await response.Content.ReadFromJsonAsync<UploadAttachmentsResponse>(ApiTransport.Json, context.RequestAborted), ApiTransport.Json, statusCode: StatusCodes.Status201Created);

        HttpRequestMessage Forward()
        {
            var content = new StreamContent(request.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            content.Headers.ContentLength = request.ContentLength;
            var message = new HttpRequestMessage(HttpMethod.Post, ApiCalls.Address($"v1/conversations/{conversationId}/attachments")) { Content = content };
            message.Headers.ExpectContinue = true;
            return message;
        }
    }

    private static async Task ServeAsync(Guid conversationId, Guid id, HttpContext context, ApiTransport transport)
    {
        var opened = await transport.OpenAsync(
            ApiTransport.ClientName, context.User.FindFirstValue(WebSession.IdClaim),
            () => new(HttpMethod.Get, ApiCalls.Address($"v1/conversations/{conversationId}/attachments/{id}/content")), context.RequestAborted);
        if (!opened.Succeeded)
        {
            context.Response.StatusCode = opened.Problem.IsNotFound ? StatusCodes.Status404NotFound : StatusCodes.Status502BadGateway;
            return;
        }

        using var response = opened.Value;
        var isImage = response.Content.Headers.ContentType?.MediaType is "image/png" or "image/jpeg" or "image/webp" or "image/gif";
        var headers = context.Response.Headers;
        headers.ContentType = isImage ? response.Content.Headers.ContentType!.MediaType : "application/octet-stream";
        headers.ContentLength = response.Content.Headers.ContentLength;
        headers.ContentDisposition = isImage ? response.Content.Headers.ContentDisposition?.ToString() : response.Content.Headers.ContentDisposition?.ToString() is { } given && given.StartsWith("attachment", StringComparison.OrdinalIgnoreCase) ? given : "attachment";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = response.Headers.CacheControl?.ToString() ?? "private, no-store";
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static IResult Refuse(int status, string code, string detail) => Results.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
