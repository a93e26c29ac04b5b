using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Http;

/// <summary>Marks routes that OpenAI's clients call: their problems carry an <c>error</c> object too, in the shape that those clients read.</summary>
internal sealed class OpenAiErrors
{
    public static object Of(ProblemDetails problem, int status) => new
    {
        message = problem.Detail ?? problem.Title,
        type = status switch
        {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            >= 500 => "server_error",
            _ => "invalid_request_error",
        },
        param = problem is HttpValidationProblemDetails { Errors.Count: > 0 } invalid ? invalid.Errors.Keys.First() : null,
        code = problem.Extensions["code"],
    };
}
