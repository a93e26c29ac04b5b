using System.Security.Claims;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Web.Clients;
using ChatSphere.Web.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ChatSphere.Web.Hosting;

/// <summary>
/// Documents on their way from the browser to the API: the multipart body flows through as it arrives, whatever its size. The API sets the limit.
/// </summary>
public static class DocumentUploads
{
    public static void MapDocumentUploads(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/bff/bots/{botId:guid}/documents", HandleAsync).RequireAuthorization().DisableAntiforgery();

    private static async Task<IResult> HandleAsync(Guid botId, HttpContext context, IAntiforgery antiforgery, ApiTransport transport)
    {
        try
        {
            // The token comes in a header, so that the body is left alone; that is also why the middleware for forms is off.
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
        return Results.Json(
            await response.Content.ReadFromJsonAsync<UploadDocumentsResponse>(ApiTransport.Json, context.RequestAborted), statusCode: StatusCodes.Status202Accepted);

        HttpRequestMessage Forward()
        {
            var content = new StreamContent(request.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            content.Headers.ContentLength = request.ContentLength;
            var message = new HttpRequestMessage(HttpMethod.Post, ApiCalls.Address($"v1/bots/{botId}/documents")) { Content = content };
            // A refusal then comes before the body is spent, and a renewed token can still be used with it.
            message.Headers.ExpectContinue = true;
            return message;
        }
    }

    private static IResult Refuse(int status, string code, string detail) =>
        Results.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
