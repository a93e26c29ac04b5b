using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data.Tools;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>One operation of a document, as a tool would have it.</summary>
internal sealed record ReadOperation(OpenApiOperation Operation, string Schema);

/// <summary>
/// The operations of an OpenAPI 3 document in JSON. Parameters of path and query become arguments in the address, those of a JSON object in the body arguments of their own;
/// references are followed inside the document only, and to a bounded depth and size.
/// </summary>
internal sealed class OpenApiReader
{
    private const int MaxOperations = 300;
    private const int MaxDepth = 12;
    private const int MaxNodes = 3_000;
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];

    private readonly JsonElement _root;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _nodes;

    private OpenApiReader(JsonElement root) => _root = root;

    public string Title { get; private set; } = "";

    public string Server { get; private set; } = "";

    public List<ReadOperation> Operations { get; } = [];

    /// <param name="from">Where the document was, for addresses in it that are relative.</param>
    public static (OpenApiReader? Read, string? Problem) Read(string document, Uri? from)
    {
        JsonElement root;
        try
        {
            using var parsed = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 64 });
            root = parsed.RootElement.Clone();
        }
        catch (JsonException)
        {
            return (null, "It is not JSON.");
        }

        if (!ArgumentSchema.IsReadable(root))
        {
            return (null, "It holds text that is none.");
        }

        if (root.ValueKind != JsonValueKind.Object || Text(root, "openapi") is not { } version || !version.StartsWith('3'))
        {
            return (null, "It is no OpenAPI 3 document.");
        }

        var reader = new OpenApiReader(root);
        if (reader.FindServer(from) is { } problem)
        {
            return (null, problem);
        }

        reader.Title = Object(root, "info") is { } info ? Cut(Text(info, "title") ?? "", 200) : "";
        foreach (var path in Object(root, "paths")?.EnumerateObject() ?? default)
        {
            foreach (var method in Methods)
            {
                if (reader.Operations.Count < MaxOperations && path.Value.ValueKind == JsonValueKind.Object && Object(path.Value, method) is { } operation)
                {
                    reader.Add(path.Name, path.Value, method.ToUpperInvariant(), operation);
                }
            }
        }

        return (reader, null);
    }

    private string? FindServer(Uri? from)
    {
        var server = Array(_root, "servers").FirstOrDefault();
        var address = server.ValueKind == JsonValueKind.Object ? Text(server, "url") ?? "/" : "/";
        foreach (var variable in (server.ValueKind == JsonValueKind.Object ? Object(server, "variables") : null)?.EnumerateObject() ?? default)
        {
            address = address.Replace($"{{{variable.Name}}}", variable.Value.ValueKind == JsonValueKind.Object ? Text(variable.Value, "default") ?? "" : "", StringComparison.Ordinal);
        }

        // On Unix "/v1" is an absolute address of a file.
        if (!Uri.TryCreate(address, UriKind.Absolute, out var absolute) || absolute.Scheme is not ("http" or "https"))
        {
            if (from is null || !Uri.TryCreate(from, address, out absolute) || absolute.Scheme is not ("http" or "https"))
            {
                return "It does not say at which address its operations are: servers[0].url must be absolute.";
            }
        }

        Server = absolute.GetLeftPart(UriPartial.Path).TrimEnd('/');
        return null;
    }

    private void Add(string path, JsonElement shared, string method, JsonElement operation)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        var query = new List<string>();
        string? problem = null;
        var parameters = Array(shared, "parameters").Concat(Array(operation, "parameters")).Select(Resolve).Where(p => p.ValueKind == JsonValueKind.Object)
            .GroupBy(p => (Text(p, "name"), Text(p, "in"))).Select(g => g.Last());
        foreach (var parameter in parameters)
        {
            var (name, place) = (Text(parameter, "name") ?? "", Text(parameter, "in"));
            if (place is not ("path" or "query"))
            {
                continue;
            }

            if (!IsName(name) || properties.ContainsKey(name))
            {
                problem ??= $"The name of the parameter “{Cut(name, 60)}” cannot be used.";
                continue;
            }

            properties[name] = Described(Object(parameter, "schema"), Text(parameter, "description"));
            if (place == "path" || IsTrue(parameter, "required"))
            {
                required.Add(name);
            }

            if (place == "query")
            {
                query.Add($"{Uri.EscapeDataString(name)}={{{name}}}");
            }
        }

        var body = Resolve(Object(operation, "requestBody") ?? default);
        if (body.ValueKind == JsonValueKind.Object)
        {
            problem ??= AddBody(body, properties, required);
        }

        var template = $"{Server}{(path.StartsWith('/') ? "" : "/")}{path}{(query.Count > 0 ? "?" + string.Join('&', query) : "")}";
        problem ??= HttpToolTemplate.Parse(template).Problem;
        problem ??= template.Length > 2_000 ? "Its address is too long." : null;
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false }.ToJsonString();
        problem ??= schema.Length > BotTool.MaxSchemaLength || _nodes > MaxNodes ? "Its arguments are described at too great length." : null;
        problem ??= Http.TextRules.HasUnstorable(schema) || schema.Contains("\\u0000", StringComparison.Ordinal) || Http.TextRules.HasUnstorable(template) ? "It holds characters that cannot be kept." : null;
        _nodes = 0;

        var description = Plain($"{Text(operation, "summary")}\n{Text(operation, "description")}".Trim());
        var id = Cut($"{method} {path}", 300);
        Operations.Add(new ReadOperation(
            new OpenApiOperation(id, FreeName(Text(operation, "operationId") ?? $"{method.ToLowerInvariant()}_{path}"), description.Length > 0 ? description : id, method, template, problem), schema));
    }

    private string? AddBody(JsonElement body, JsonObject properties, JsonArray required)
    {
        var json = (Object(body, "content")?.EnumerateObject() ?? default).FirstOrDefault(c => c.Name.Split(';')[0].Trim() is "application/json" || c.Name.EndsWith("+json", StringComparison.Ordinal)).Value;
        var schema = json.ValueKind == JsonValueKind.Object ? Resolve(Object(json, "schema") ?? default) : default;
        if (schema.ValueKind != JsonValueKind.Object || Object(schema, "properties") is not { } fields)
        {
            return IsTrue(body, "required") || json.ValueKind == JsonValueKind.Undefined ? "Its body is no JSON object with named fields." : null;
        }

        foreach (var field in fields.EnumerateObject())
        {
            if (properties.ContainsKey(field.Name))
            {
                return $"“{Cut(field.Name, 60)}” is in its address and in its body.";
            }

            properties[field.Name] = Inline(field.Value, 0);
        }

        if (IsTrue(body, "required"))
        {
            foreach (var name in Array(schema, "required").Where(n => n.ValueKind == JsonValueKind.String && properties.ContainsKey(n.GetString()!)))
            {
                required.Add(name.GetString());
            }
        }

        return null;
    }

    private JsonObject Described(JsonElement? schema, string? description)
    {
        var described = schema is { } given && Inline(given, 0) is JsonObject made ? made : new JsonObject { ["type"] = "string" };
        if (description is { Length: > 0 } && !described.ContainsKey("description"))
        {
            described["description"] = Plain(Cut(description, 400));
        }

        return described;
    }

    /// <summary>Without references and without what only documents need.</summary>
    private JsonNode? Inline(JsonElement value, int depth)
    {
        if (++_nodes > MaxNodes || depth > MaxDepth)
        {
            return new JsonObject();
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.TryGetProperty("$ref", out _):
                return Inline(Resolve(value), depth + 1);
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (var part in value.EnumerateObject().Where(p => p.Name is not ("example" or "examples" or "xml" or "externalDocs" or "discriminator" or "deprecated") && !p.Name.StartsWith("x-", StringComparison.Ordinal)))
                {
                    copy[part.Name] = Inline(part.Value, depth + 1);
                }

                return copy;
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(v => Inline(v, depth + 1))]);
            case JsonValueKind.String:
                return Plain(Cut(value.GetString()!, 500));
            case JsonValueKind.Undefined:
                return new JsonObject();
            default:
                return JsonNode.Parse(value.GetRawText());
        }
    }

    private JsonElement Resolve(JsonElement value)
    {
        for (var steps = 0; value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$ref", out var reference); steps++)
        {
            if (steps > 20 || reference.ValueKind != JsonValueKind.String || !reference.GetString()!.StartsWith("#/", StringComparison.Ordinal))
            {
                return default;
            }

            var at = _root;
            foreach (var part in reference.GetString()![2..].Split('/'))
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out at))
                {
                    return default;
                }
            }

            value = at;
        }

        return value;
    }

    private string FreeName(string wanted)
    {
        var slug = new string([.. wanted.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_')]).Trim('_');
        slug = slug.Length == 0 || !char.IsAsciiLetter(slug[0]) ? "op_" + slug : slug;
        var name = slug[..Math.Min(BotTool.MaxNameLength, slug.Length)];
        for (var i = 2; !_names.Add(name); i++)
        {
            name = $"{slug[..Math.Min(BotTool.MaxNameLength - 5, slug.Length)]}_{i}";
        }

        return name;
    }

    private static bool IsName(string name) => HttpToolTemplate.Parse($"https://x/{{{name}}}").Template is { Placeholders: [var only] } && only == name;

    /// <summary>On its way into prompts: what a person would see.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().TakeWhile(_ => plain.Length < BotTool.MaxDescriptionLength - 2))
        {
            plain.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse ? " " : rune.ToString());
        }

        return plain.ToString().Trim();
    }

    private static string? Text(JsonElement value, string name) => value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static JsonElement? Object(JsonElement value, string name) => value.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

    private static JsonElement.ArrayEnumerator Array(JsonElement value, string name) => value.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Array ? child.EnumerateArray() : default;

    private static bool IsTrue(JsonElement value, string name) => value.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
