using System.Text.Json;
using System.Text.RegularExpressions;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Api.Http;
using ChatSphere.Data.Tools;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>What making and changing a tool refuse alike.</summary>
internal static partial class ToolRules
{
    private const int MaxHeaders = 20;
    private const int MaxHeaderLength = 4_000;

    // Set by the connection, or meaning something to what stands between.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Content-Length", "Content-Type", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Forwarded",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Mcp-Session-Id", "Mcp-Protocol-Version",
    };

    public static ProblemHttpResult? RefuseText(string field, string? text) =>
        text is not null && (TextRules.HasUnstorable(text) || string.IsNullOrWhiteSpace(text)) ? Problems.Invalid(field, "It must hold something, and no NUL characters or broken surrogates.") : null;

    public static ProblemHttpResult? RefuseHeaders(IReadOnlyDictionary<string, string>? headers)
    {
        if (headers is null)
        {
            return null;
        }

        if (headers.Count > MaxHeaders)
        {
            return Problems.Invalid("headers", $"At most {MaxHeaders}.");
        }

        foreach (var (name, value) in headers)
        {
            if (!HeaderName().IsMatch(name) || Reserved.Contains(name))
            {
                return Problems.Invalid("headers", "A header's name is of letters, digits and hyphens, and not one that the connection needs itself.");
            }

            if (value is null || value.Length is 0 or > MaxHeaderLength || value.Any(c => c is < ' ' or > '~'))
            {
                return Problems.Invalid("headers", $"The value of {name} must be 1 to {MaxHeaderLength} printable ASCII characters on one line.");
            }
        }

        return null;
    }

    /// <summary>The schema as it is kept: given, or made of the placeholders.</summary>
    public static (string? Schema, ProblemHttpResult? Refusal) Schema(JsonElement? given, HttpToolTemplate template)
    {
        if (given is not { } schema || schema.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            var names = template.Placeholders;
            return (JsonSerializer.Serialize(new { type = "object", properties = names.ToDictionary(n => n, _ => new { type = "string" }), required = names, additionalProperties = false }), null);
        }

        var text = schema.GetRawText();
        return schema.ValueKind != JsonValueKind.Object || (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && !type.ValueEquals("object"))
            ? (null, Problems.Invalid("schema", "It must be a JSON Schema of type object."))
            : text.Length > BotTool.MaxSchemaLength || TextRules.HasUnstorable(text) || !ArgumentSchema.IsReadable(schema)
                ? (null, Problems.Invalid("schema", $"It must be at most {BotTool.MaxSchemaLength} characters long, without NUL characters."))
                : (text, null);
    }

    public static bool HasEffects(string method, bool marked) => marked || method is not ("GET" or "HEAD");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]{0,63}\z")]
    private static partial Regex HeaderName();
}
