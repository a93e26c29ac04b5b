using System.Diagnostics;
using System.Text.Json;
using ChatSphere.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Http;

/// <summary>Refusals as RFC 9457 problems with a stable <c>code</c>.</summary>
internal static class Problems
{
    public static ProblemHttpResult NotFound() => Of(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "It does not exist, or you may not see it.");

    public static ProblemHttpResult Conflict(string code, string detail) => Of(StatusCodes.Status409Conflict, code, detail);

    /// <summary>Deleting is refused to whoever asks, as long as a legal hold lasts.</summary>
    public static ProblemHttpResult Held() => Conflict(ErrorCodes.LegalHold, "This has to be kept for legal reasons and cannot be deleted now.");

    public static ProblemHttpResult Unauthorized(string code, string detail) => Of(StatusCodes.Status401Unauthorized, code, detail);

    public static ProblemHttpResult BadRequest(string code, string detail) => Of(StatusCodes.Status400BadRequest, code, detail);

    /// <summary>A field breaks a rule that only the handler can check.</summary>
    public static ProblemHttpResult Invalid(string field, string message, string code = ErrorCodes.RequestInvalid) =>
        TypedResults.Problem(new HttpValidationProblemDetails(new Dictionary<string, string[]> { [field] = [message] })
        {
            Status = StatusCodes.Status400BadRequest,
            Type = TypeOf(code),
            Detail = message,
            Extensions = { ["code"] = code },
        });

    public static ProblemHttpResult Of(int status, string code, string detail) =>
        TypedResults.Problem(detail, statusCode: status, type: TypeOf(code), extensions: new Dictionary<string, object?> { ["code"] = code });

    /// <summary>Gives every problem, whoever made it, our type, code and trace id.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem is HttpValidationProblemDetails { Errors: { Count: > 0 } errors } validation)
        {
            // The framework names .NET properties; callers know JSON's.
            validation.Errors = errors.ToDictionary(e => JsonNamingPolicy.CamelCase.ConvertName(e.Key), e => e.Value);
        }

        var status = problem.Status ?? context.HttpContext.Response.StatusCode;
        if (!problem.Extensions.ContainsKey("code"))
        {
            var (code, detail) = Default(status);
            problem.Extensions["code"] = code;
            problem.Type = TypeOf(code);
            problem.Detail ??= problem is HttpValidationProblemDetails { Errors.Count: > 0 } invalid
                ? string.Join(' ', invalid.Errors.SelectMany(e => e.Value.Select(m => $"{e.Key}: {m}")))
                : detail;
        }

        if (status == StatusCodes.Status429TooManyRequests && problem.Extensions.TryGetValue("resets", out var at) && at is DateTimeOffset resets)
        {
            var wait = Math.Max(1, Math.Ceiling((resets - context.HttpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()).TotalSeconds));
            context.HttpContext.Response.Headers.RetryAfter = wait.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        problem.Instance ??= context.HttpContext.Request.Path;
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<OpenAiErrors>() is not null)
        {
            problem.Extensions["error"] = OpenAiErrors.Of(problem, status);
        }

        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier;
    }

    public static string TypeOf(string code) => $"urn:chatsphere:problem:{code}";

    private static (string Code, string Detail) Default(int status) => status switch
    {
        400 => (ErrorCodes.RequestInvalid, "The request is not of the documented shape."),
        401 => (ErrorCodes.TokenInvalid, "Sign in: the access token is missing, expired or revoked."),
        403 => (ErrorCodes.PermissionMissing, "You may not do this."),
        404 => (ErrorCodes.NotFound, "It does not exist, or you may not see it."),
        405 => (ErrorCodes.MethodNotAllowed, "This address does not take that method."),
        413 => (ErrorCodes.RequestTooLarge, "The request is larger than this address takes."),
        415 => (ErrorCodes.ContentTypeUnsupported, "This address does not take that content type."),
        429 => (ErrorCodes.RateLimited, "Too many requests; wait and try again."),
        503 => (ErrorCodes.DependencyUnavailable, "A part that this needs is away; nothing was changed; try again."),
        _ => (ErrorCodes.Unexpected, "Something went wrong on our side; the traceId finds it in the logs."),
    };
}
