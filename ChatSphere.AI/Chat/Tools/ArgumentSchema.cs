using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatSphere.AI.Chat.Tools;

/// <summary>
/// Holds arguments to a JSON Schema, as far as descriptions of tools use it: type, enum, const, properties, required, additionalProperties, items, lengths, ranges, pattern, anyOf,
/// oneOf, allOf, $ref inside the document. Keywords that it does not know allow everything, as the standard says.
/// </summary>
public static class ArgumentSchema
{
    private const int MaxDepth = 32;
    private const int MaxSteps = 20_000;
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>An object that takes nothing.</summary>
    public static JsonElement Empty { get; } = JsonDocument.Parse("""{"type":"object","properties":{},"additionalProperties":false}""").RootElement;

    /// <summary>Null when they hold; else where they do not and why, for whoever sent them.</summary>
    public static string? Problem(JsonElement schema, JsonElement arguments) => Check(new Walk(schema), schema, arguments, "arguments", 0);

    /// <summary>False for JSON with texts that are none: half a surrogate pair, written as an escape, only shows when the text is read.</summary>
    public static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(p => p.Name is not null && IsReadable(p.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
                JsonValueKind.String => !value.GetString()!.Contains('\0', StringComparison.Ordinal),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? Check(Walk walk, JsonElement schema, JsonElement value, string at, int depth)
    {
        // Choices that refer to one another grow without end.
        if (depth > MaxDepth || ++walk.Steps > MaxSteps)
        {
            return $"{at} is nested too deeply, or its description is.";
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            return schema.ValueKind == JsonValueKind.False ? $"{at} is not allowed." : null;
        }

        if (schema.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String)
        {
            return Resolve(walk.Root, reference.GetString()!) is { } target ? Check(walk, target, value, at, depth + 1) : $"{at} is described by something that is not there.";
        }

        if (schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True && value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(t => IsType(value, t)))
        {
            return $"{at} must be of type {string.Join(" or ", Types(type))}.";
        }

        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array && !choices.EnumerateArray().Any(c => JsonElement.DeepEquals(c, value)))
        {
            return $"{at} must be one of {Shorten(choices.GetRawText())}.";
        }

        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(constant, value))
        {
            return $"{at} must be {Shorten(constant.GetRawText())}.";
        }

        return (value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(walk, schema, value, at, depth),
            JsonValueKind.Array => CheckArray(walk, schema, value, at, depth),
            JsonValueKind.String => CheckText(schema, value.GetString()!, at),
            JsonValueKind.Number => CheckNumber(schema, value, at),
            _ => null,
        }) ?? CheckChoices(walk, schema, value, at, depth);
    }

    private static string? CheckObject(Walk walk, JsonElement schema, JsonElement value, string at, int depth)
    {
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array)
        {
            foreach (var name in required.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String))
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                {
                    return $"{at}.{name.GetString()} is missing.";
                }
            }
        }

        var known = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object ? properties : default;
        foreach (var property in value.EnumerateObject())
        {
            var place = $"{at}.{Shorten(property.Name)}";
            var problem = known.ValueKind == JsonValueKind.Object && known.TryGetProperty(property.Name, out var own) ? Check(walk, own, property.Value, place, depth + 1)
                : schema.TryGetProperty("additionalProperties", out var others) ? Check(walk, others, property.Value, place, depth + 1)
                : null;
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? CheckArray(Walk walk, JsonElement schema, JsonElement value, string at, int depth)
    {
        var length = value.GetArrayLength();
        if (length < Limit(schema, "minItems", 0) || length > Limit(schema, "maxItems", int.MaxValue))
        {
            return $"{at} has {length} items, which is too few or too many.";
        }

        if (schema.TryGetProperty("items", out var items))
        {
            var i = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (Check(walk, items, item, $"{at}[{i++}]", depth + 1) is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    private static string? CheckText(JsonElement schema, string text, string at)
    {
        if (text.Length < Limit(schema, "minLength", 0) || text.Length > Limit(schema, "maxLength", int.MaxValue))
        {
            return $"{at} is too short or too long.";
        }

        if (!schema.TryGetProperty("pattern", out var pattern) || pattern.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return Regex.IsMatch(text, pattern.GetString()!, RegexOptions.CultureInvariant, PatternTimeout) ? null : $"{at} does not match {Shorten(pattern.GetString()!)}.";
        }
        catch (Exception e) when (e is RegexMatchTimeoutException or ArgumentException)
        {
            // Whose pattern cannot be tried has none.
            return null;
        }
    }

    private static string? CheckNumber(JsonElement schema, JsonElement value, string at)
    {
        if (!value.TryGetDouble(out var number) || double.IsInfinity(number))
        {
            return $"{at} is no number that can be used.";
        }

        return (Bound("minimum") is { } least && number < least) || (Bound("maximum") is { } most && number > most)
            || (Bound("exclusiveMinimum") is { } above && number <= above) || (Bound("exclusiveMaximum") is { } below && number >= below)
            ? $"{at} is out of range."
            : null;

        double? Bound(string name) => schema.TryGetProperty(name, out var bound) && bound.ValueKind == JsonValueKind.Number ? bound.GetDouble() : null;
    }

    private static string? CheckChoices(Walk walk, JsonElement schema, JsonElement value, string at, int depth)
    {
        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in all.EnumerateArray())
            {
                if (Check(walk, part, value, at, depth + 1) is { } problem)
                {
                    return problem;
                }
            }
        }

        foreach (var name in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(name, out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
                && choices.EnumerateArray().All(c => Check(walk, c, value, at, depth + 1) is not null))
            {
                return $"{at} fits none of what is allowed.";
            }
        }

        return null;
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!) : type.ValueKind == JsonValueKind.String ? [type.GetString()!] : [];

    private static bool IsType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Floor(number) == number,
        _ => true,
    };

    private static double Limit(JsonElement schema, string name, double otherwise) => schema.TryGetProperty(name, out var limit) && limit.ValueKind == JsonValueKind.Number ? limit.GetDouble() : otherwise;

    private static JsonElement? Resolve(JsonElement root, string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        var at = root;
        foreach (var part in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }

    private sealed class Walk(JsonElement root)
    {
        public JsonElement Root => root;

        public int Steps { get; set; }
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 200)}…");
}
