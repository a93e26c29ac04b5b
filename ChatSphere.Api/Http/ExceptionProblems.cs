using System.Text.Json;
using System.Text.RegularExpressions;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Files;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Http;

/// <summary>Answers what the pipeline throws: unreadable requests with what is wrong with them, a database that is away with 503, the rest with 500 and a line in the log.</summary>
internal sealed partial class ExceptionProblems(IProblemDetailsService problems, ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = exception switch
        {
            BadHttpRequestException bad => FromBadRequest(bad),
            BlobTooLargeException large => Of(413, ErrorCodes.RequestTooLarge, $"A file may have at most {large.Limit} bytes."),
            _ when DatabaseFaults.IsAway(exception) => Of(503, ErrorCodes.DependencyUnavailable, "The database does not answer; nothing was changed; try again."),
            _ => Of(500, ErrorCodes.Unexpected, "Something went wrong on our side; the traceId finds it in the logs."),
        };

        if (problem.Status == 500)
        {
            LogUnexpected(logger, exception, httpContext.Request.Method, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName);
        }
        else if (problem.Status == 503)
        {
            httpContext.Response.Headers.RetryAfter = "2";
            LogAway(logger, exception.GetBaseException().GetType().Name);
        }

        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem, Exception = exception });
    }

    private static ProblemDetails FromBadRequest(BadHttpRequestException bad)
    {
        if (bad.StatusCode != StatusCodes.Status400BadRequest)
        {
            return new ProblemDetails { Status = bad.StatusCode };
        }

        if (bad.InnerException is not JsonException json)
        {
            return Of(400, ErrorCodes.RequestInvalid, bad.Message);
        }

        // A field of the wrong type is in the path, $.field; missing ones only in the message, quoted.
        var errors = json.Message.Contains("missing required", StringComparison.Ordinal)
            ? QuotedName().Matches(json.Message[json.Message.LastIndexOf(':')..]).ToDictionary(m => m.Groups[1].Value, _ => new[] { "It is required." })
            : new() { [json.Path is { Length: > 2 } path ? path[2..] : "body"] = ["It is not JSON of the documented shape here."] };
        return new HttpValidationProblemDetails(errors)
        {
            Status = 400,
            Type = Problems.TypeOf(ErrorCodes.RequestInvalid),
            Detail = json.LineNumber is { } line ? $"The body is not JSON of the documented shape (line {line + 1}, byte {json.BytePositionInLine + 1})." : "The body is not JSON of the documented shape.",
            Extensions = { ["code"] = ErrorCodes.RequestInvalid },
        };
    }

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedName();

    private static ProblemDetails Of(int status, string code, string detail) => new()
    {
        Status = status,
        Type = Problems.TypeOf(code),
        Detail = detail,
        Extensions = { ["code"] = code },
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Endpoint} failed.")]
    private static partial void LogUnexpected(ILogger logger, Exception e, string method, string? endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer: {Kind}")]
    private static partial void LogAway(ILogger logger, string kind);
}
