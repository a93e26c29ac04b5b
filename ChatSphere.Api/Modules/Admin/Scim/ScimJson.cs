using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Admin.Scim;

/// <summary>The JSON of RFC 7643 and RFC 7644: names of attributes without regard to case, <c>application/scim+json</c>, a version of every resource.</summary>
internal static class ScimJson
{
    public const string ContentType = "application/scim+json";
    public const string UserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
    public const string ListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    public const string PatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    public const string ErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";
    public const int MaxResults = 200;

    // No depth that any resource has, and attributes by any case.
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 16 };
    private static readonly JsonNodeOptions Names = new() { PropertyNameCaseInsensitive = true };

    public static IResult Json(JsonObject body, int status = 200) => Results.Json(body, contentType: ContentType, statusCode: status);

    /// <summary>The resource with its version, in the body and as <c>ETag</c>.</summary>
    public static IResult Resource(HttpContext http, JsonObject body, int status = 200)
    {
        http.Response.Headers.ETag = (string)body["meta"]!["version"]!;
        if (status == StatusCodes.Status201Created)
        {
            http.Response.Headers.Location = (string)body["meta"]!["location"]!;
        }

        return Json(body, status);
    }

    public static JsonObject WithMeta(JsonObject resource, string type, DateTimeOffset created)
    {
        var version = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(resource.ToJsonString())).AsSpan(0, 10))}\"";
        resource["meta"] = new JsonObject
        {
            ["resourceType"] = type,
            ["created"] = created.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["location"] = $"/scim/v2/{type}s/{(string)resource["id"]!}",
            ["version"] = version,
        };
        return resource;
    }

    /// <summary>Whether <c>If-Match</c>, when there is one, names this version.</summary>
    public static bool Matches(HttpRequest request, JsonObject resource) =>
        request.Headers.IfMatch is not { Count: > 0 } wanted || wanted.Contains("*") || wanted.Contains((string)resource["meta"]!["version"]!);

    public static ProblemHttpResult VersionDiffers() => Problems.Of(StatusCodes.Status412PreconditionFailed, ErrorCodes.RequestInvalid, "It has changed since; read it again.");

    public static JsonObject List(IEnumerable<JsonObject> resources, int total, int startIndex)
    {
        var items = new JsonArray([.. resources]);
        return new JsonObject { ["schemas"] = new JsonArray(ListSchema), ["totalResults"] = total, ["startIndex"] = startIndex, ["itemsPerPage"] = items.Count, ["Resources"] = items };
    }

    public static async Task<(JsonObject? Body, ProblemHttpResult? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() is not (ContentType or "application/json"))
        {
            return (null, Problems.Of(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported, "Send application/scim+json."));
        }

        try
        {
            if (await JsonNode.ParseAsync(request.Body, Names, Reading, cancellationToken) is JsonObject body)
            {
                // Looks at every name now: one that is there twice would throw wherever it is read first.
                Touch(body);
                return (body, null);
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // Falls through to the same answer.
        }

        return (null, Refuse("invalidSyntax", "The body is not a JSON object of the documented shape."));
    }

    /// <summary>400 with a <c>scimType</c> of RFC 7644, table 9.</summary>
    public static ProblemHttpResult Refuse(string scimType, string detail, int status = 400)
    {
        var problem = Problems.Of(status, ErrorCodes.RequestInvalid, detail);
        problem.ProblemDetails.Extensions["scimType"] = scimType;
        return problem;
    }

    /// <summary>Null when it is not there or no text.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Some clients send "True" and "False".</summary>
    public static bool? Truth(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<bool>(out var truth) ? truth : bool.TryParse(Text(node), out var said) ? said : null;

    private static void Touch(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (var (_, value) in o)
                {
                    Touch(value);
                }

                break;
            case JsonArray a:
                foreach (var value in a)
                {
                    Touch(value);
                }

                break;
            case JsonValue v when v.TryGetValue<string>(out var text) && TextRules.HasUnstorable(text):
                throw new JsonException("It holds characters that cannot be stored.");
            default:
                break;
        }
    }
}

/// <summary>Every problem under <c>/scim</c>, whoever made it, in the shape of RFC 7644, 3.12; with our code beside it.</summary>
internal sealed class ScimProblems : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/scim", StringComparison.OrdinalIgnoreCase);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        Problems.Complete(context);
        var problem = context.ProblemDetails;
        var status = problem.Status ?? context.HttpContext.Response.StatusCode;
        var body = new JsonObject
        {
            ["schemas"] = new JsonArray(ScimJson.ErrorSchema),
            ["status"] = status.ToString(CultureInfo.InvariantCulture),
            ["detail"] = problem.Detail,
            ["code"] = problem.Extensions["code"]?.ToString(),
            ["traceId"] = problem.Extensions["traceId"]?.ToString(),
        };
        if (problem.Extensions.TryGetValue("scimType", out var scimType))
        {
            body["scimType"] = scimType?.ToString();
        }

        context.HttpContext.Response.StatusCode = status;
        await context.HttpContext.Response.WriteAsJsonAsync(body, options: null, ScimJson.ContentType, context.HttpContext.RequestAborted);
    }
}

/// <summary>One comparison, <c>attribute eq value</c>: what identity providers ask for. Others are refused as <c>invalidFilter</c>.</summary>
internal static class ScimFilter
{
    public static bool TryRead(string? filter, out (string Attribute, string Value)? comparison)
    {
        comparison = null;
        if (string.IsNullOrWhiteSpace(filter))
        {
            return true;
        }

        var parts = filter.Trim().Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 3 || !parts[1].Equals("eq", StringComparison.OrdinalIgnoreCase) || filter.Length > 500)
        {
            return false;
        }

        var value = parts[2].Trim();
        if (value.StartsWith('"'))
        {
            try
            {
                value = JsonSerializer.Deserialize<string>(value)!;
            }
            catch (JsonException)
            {
                return false;
            }
        }
        else if (value.ToLowerInvariant() is not ("true" or "false"))
        {
            return false;
        }

        if (TextRules.HasUnstorable(value))
        {
            return false;
        }

        comparison = (parts[0].ToLowerInvariant(), value);
        return true;
    }
}
