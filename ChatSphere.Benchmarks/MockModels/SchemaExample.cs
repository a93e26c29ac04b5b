using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatSphere.Benchmarks.MockModels;

/// <summary>A value that fits a JSON schema as far as models' tools use it: types, enum, const, default, minimum, properties, items, the first of anyOf.</summary>
internal static class SchemaExample
{
    private const int Deepest = 8;

    /// <param name="text">What strings become, because most tools take a query or the like.</param>
    public static JsonNode Of(JsonElement? schema, string text) => Of(schema ?? default, text, 0) ?? new JsonObject();

    private static JsonNode? Of(JsonElement schema, string text, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > Deepest)
        {
            return null;
        }

        foreach (var fixedValue in new[] { "const", "default" })
        {
            if (schema.TryGetProperty(fixedValue, out var value))
            {
                return JsonNode.Parse(value.GetRawText());
            }
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            return JsonNode.Parse(values[0].GetRawText());
        }

        foreach (var choice in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(choice, out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0)
            {
                return Of(choices[0], text, depth + 1);
            }
        }

        return TypeOf(schema) switch
        {
            "string" => JsonValue.Create(text.Length <= 200 ? text : text[..200]),
            "integer" or "number" => schema.TryGetProperty("minimum", out var minimum) ? JsonNode.Parse(minimum.GetRawText()) : JsonValue.Create(1),
            "boolean" => JsonValue.Create(true),
            "array" => schema.TryGetProperty("items", out var items) && Of(items, text, depth + 1) is { } item ? new JsonArray(item) : new JsonArray(),
            "object" => Object(schema, text, depth),
            _ => null,
        };
    }

    private static JsonObject Object(JsonElement schema, string text, int depth)
    {
        var result = new JsonObject();
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                result[property.Name] = Of(property.Value, text, depth + 1);
            }
        }

        return result;
    }

    private static string? TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return schema.TryGetProperty("properties", out _) ? "object" : null;
        }

        // ["string", "null"] is how optional parameters look.
        return type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()).FirstOrDefault(t => t != "null") : type.GetString();
    }
}
