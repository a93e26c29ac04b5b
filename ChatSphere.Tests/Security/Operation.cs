using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ChatSphere.Tests.Security;

/// <summary>One operation of the OpenAPI document, and requests made from its description.</summary>
public sealed partial class Operation(JsonNode document, string method, string path, JsonNode description)
{
    public string Method { get; } = method;

    public string Path { get; } = path;

    public bool IsPublic => description["security"] is JsonArray { Count: 0 };

    public string Name => $"{Method} {Path}";

    public static List<Operation> All(JsonNode document) =>
        [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Where(o => o.Value?["responses"] is not null).Select(o => new Operation(document, o.Key.ToUpperInvariant(), p.Key, o.Value!)))];

    /// <summary>Names of the query parameters.</summary>
    public IEnumerable<string> QueryParameters =>
        (description["parameters"]?.AsArray() ?? []).Where(p => (string?)p!["in"] == "query").Select(p => (string)p!["name"]!);

    public bool HasPathParameters => Path.Contains('{', StringComparison.Ordinal);

    /// <summary>The path with all of its parameters replaced.</summary>
    public string With(string value) => Parameter().Replace(Path, value);

    /// <summary>The JSON body's schema; null for an operation without one.</summary>
    public JsonObject? BodySchema => description["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema ? Resolve(schema) : null;

    /// <summary>Something that the schema allows.</summary>
    public JsonNode? Sample(JsonObject schema, int depth = 0)
    {
        schema = Resolve(schema);
        if (depth > 6)
        {
            return null;
        }

        if (schema["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[0]!.DeepClone();
        }

        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray { Count: > 0 } choices)
        {
            return Sample(Resolve(choices.First(c => (string?)c!["type"] != "null")!), depth + 1);
        }

        return TypeOf(schema) switch
        {
            "object" => new JsonObject(Properties(schema).Select(p => KeyValuePair.Create(p.Key, Sample(p.Value, depth + 1)))),
            "array" => new JsonArray(schema["items"] is { } items ? Sample(Resolve(items), depth + 1) : null),
            "integer" or "number" => (schema["minimum"]?.GetValue<double>() ?? 1) is var low ? (long)Math.Ceiling(low) : 1,
            "boolean" => false,
            "string" => (string?)schema["format"] switch
            {
                "uuid" => Guid.NewGuid().ToString(),
                "date-time" => "2030-01-01T00:00:00Z",
                "email" => $"{Guid.NewGuid():n}@example.com",
                "uri" => "https://example.com/",
                _ => new string('x', Math.Max(1, (int?)schema["minLength"] ?? 1)),
            },
            _ => "x",
        };
    }

    /// <summary>Bodies that break one rule each, with a name for the report.</summary>
    public IEnumerable<(string Name, string Body)> BadBodies()
    {
        if (BodySchema is not { } schema)
        {
            yield break;
        }

        yield return ("empty", "");
        yield return ("not JSON", "{\"a\":");
        yield return ("null", "null");
        yield return ("an array", "[]");
        yield return ("a text", "\"x\"");
        yield return ("a number", "1e400");
        yield return ("deep", new string('[', 5_000) + new string(']', 5_000));
        yield return ("a deep object", string.Concat(Enumerable.Repeat("{\"a\":", 500)) + "1" + new string('}', 500));
        yield return ("lone surrogate as a name", "{\"\\ud800\":1}");
        if (Sample(schema) is not JsonObject sample)
        {
            yield break;
        }

        var text = sample.ToJsonString();
        yield return ("duplicate names", text.Length > 2 ? $"{text[..^1]},{text[1..]}" : "{\"a\":1,\"a\":2}");
        var mine = sample.DeepClone().AsObject();
        foreach (var (name, value) in new (string, JsonNode?)[] { ("ownerId", Guid.NewGuid().ToString()), ("isAdmin", true), ("permissions", "-1"), ("__proto__", new JsonObject()), ("$type", "System.Object") })
        {
            mine[name] = value;
        }

        yield return ("more than asked for", mine.ToJsonString());
        foreach (var name in sample.Select(p => p.Key).ToList())
        {
            var without = sample.DeepClone().AsObject();
            without.Remove(name);
            yield return ($"without {name}", without.ToJsonString());
            foreach (var (kind, wrong) in Wrong)
            {
                var changed = sample.DeepClone().AsObject();
                changed[name] = "\u0001";
                yield return ($"{name}: {kind}", changed.ToJsonString().Replace("\"\\u0001\"", wrong, StringComparison.Ordinal));
            }
        }
    }

    private static readonly (string Kind, string Json)[] Wrong =
    [
        ("null", "null"), ("a number", "-1"), ("a huge number", "99999999999999999999999"), ("not finite", "1e400"), ("a fraction", "0.5"), ("true", "true"), ("an array", "[1,\"a\",null]"), ("an object", "{\"a\":{}}"),
        ("empty", "\"\""), ("blank", "\"   \""), ("NUL", "\"a\\u0000b\""), ("lone surrogate", "\"\\ud800\""), ("turned around", "\"\\u202egnp.exe\""), ("long", $"\"{new string('a', 100_000)}\""),
        ("many combining marks", $"\"a{new string('\u0301', 5_000)}\""), ("SQL", "\"' or 1=1; --\""), ("a template", "\"{{7*7}}${7*7}<%= 7*7 %>\""), ("a path", "\"../../etc/passwd\""), ("a header", "\"a\\r\\nSet-Cookie: b=c\""),
        ("another id", $"\"{Guid.NewGuid()}\""), ("no id", $"\"{Guid.Empty}\""), ("an odd date", "\"9999-99-99T99:99:99Z\""), ("the last date", "\"9999-12-31T23:59:59.9999999+00:00\""), ("the first date", "\"0001-01-01T00:00:00+14:00\""),
    ];

    private IEnumerable<KeyValuePair<string, JsonObject>> Properties(JsonObject schema)
    {
        foreach (var part in schema["allOf"]?.AsArray() ?? [])
        {
            foreach (var inherited in Properties(Resolve(part!)))
            {
                yield return inherited;
            }
        }

        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            yield return KeyValuePair.Create(name, Resolve(property!));
        }
    }

    private JsonObject Resolve(JsonNode schema)
    {
        while (schema is JsonObject && (string?)schema["$ref"] is { } reference)
        {
            schema = reference.Split('/').Skip(1).Aggregate(document, (node, part) => node[part]!);
        }

        return schema as JsonObject ?? [];
    }

    private static string? TypeOf(JsonObject schema) => schema["type"] switch
    {
        JsonArray types => types.Select(t => (string?)t).FirstOrDefault(t => t != "null"),
        { } type => (string?)type,
        null => schema.ContainsKey("properties") || schema.ContainsKey("allOf") ? "object" : null,
    };

    [GeneratedRegex(@"\{(\w+)(:\w+)?\}")]
    private static partial Regex Parameter();
}
