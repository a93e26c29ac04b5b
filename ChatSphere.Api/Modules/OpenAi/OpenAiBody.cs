using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using ChatSphere.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.OpenAi;

/// <summary>
/// Bodies of OpenAI's clients: members that nobody here knows are ignored, because every client sends some, and JSON schemas nest deeper than our own bodies may.
/// </summary>
internal static class OpenAiBody
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 64, AllowDuplicateProperties = false };

    public static async Task<(T? Body, ProblemHttpResult? Refusal)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, TypedResults.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType));
        }

        T? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<T>(request.Body, Json, cancellationToken);
        }
        catch (JsonException e)
        {
            return (null, Problems.Invalid(string.IsNullOrEmpty(e.Path) ? "$" : e.Path, "The body is not JSON of the documented shape."));
        }

        if (body is null)
        {
            return (null, Problems.Invalid("$", "The body is not JSON of the documented shape."));
        }

        var wrong = new List<ValidationResult>();
        return Validator.TryValidateObject(body, new ValidationContext(body), wrong, validateAllProperties: true)
            ? (body, null)
            : (null, Problems.Invalid(Name<T>(wrong[0].MemberNames.FirstOrDefault() ?? "$"), wrong[0].ErrorMessage ?? "It is not of the documented shape."));
    }

    /// <summary>The text of a string; null for anything else, and for one with a lone surrogate, which no text is.</summary>
    public static string? Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text of an object's member; null when it has none.</summary>
    public static string? Text(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) ? value.Text() : null;

    private static string Name<T>(string property) =>
        typeof(T).GetProperty(property)?.GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonPropertyNameAttribute), false) is [System.Text.Json.Serialization.JsonPropertyNameAttribute { Name: var name }, ..] ? name : property;
}
