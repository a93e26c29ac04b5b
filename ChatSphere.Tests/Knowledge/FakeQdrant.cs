using System.Net;
using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatSphere.Tests.Knowledge;

/// <summary>Holds every request against the description, and keeps points.</summary>
internal sealed class FakeQdrant : HttpMessageHandler, IHttpClientFactory
{
    private static readonly JsonObject Description = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "ChatSphere.Tests", "Knowledge", "qdrant-openapi-extract.json")))!.AsObject();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Size, Dictionary<string, (JsonObject Point, float[] Vector)> Points)> _collections = [];

    public IReadOnlyCollection<string> Collections
    {
        get
        {
            lock (_lock)
            {
                return [.. _collections.Keys];
            }
        }
    }

    public bool Broken { get; set; }

    public int Created { get; private set; }

    public List<string> Indexes { get; } = [];

    public List<JsonNode> Queries { get; } = [];

    public List<int> Upserts { get; } = [];

    public HttpClient CreateClient(string name) => new(this, disposeHandler: false) { BaseAddress = new Uri("http://qdrant.test:6333/") };

    /// <summary>Of all collections.</summary>
    public int PointsOf(Guid documentId)
    {
        lock (_lock)
        {
            return _collections.Values.Sum(c => c.Points.Values.Count(p => (string?)p.Point["payload"]!["document_id"] == documentId.ToString()));
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Broken)
        {
            return new HttpResponseMessage(HttpStatusCode.InternalServerError);
        }

        var path = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("collections", path[0]);
        Assert.Matches("^[a-z0-9-]{1,100}$", path[1]);
        var template = "/collections/{collection_name}" + string.Concat(path.Skip(2).Select(p => "/" + p));
        var operation = Description["paths"]![template]?[request.Method.Method.ToLowerInvariant()];
        Assert.True(operation is not null, $"{request.Method} {template} is not in the description");
        foreach (var parameter in request.RequestUri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Contains(operation["parameters"]!.AsArray(), p => (string?)p!["in"] == "query" && (string?)p["name"] == parameter.Split('=')[0]);
        }

        var body = request.Content is null ? null : JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        if (operation["requestBody"] is { } expected)
        {
            var schema = expected["content"]!["application/json"]!["schema"]!;
            Assert.True(Fits(body, schema), $"{request.Method} {template} does not fit: {body?.ToJsonString()[..Math.Min(300, body.ToJsonString().Length)]}");
        }

        var writes = request.Method == HttpMethod.Put && path.Length > 2 || path[^1] == "delete";
        Assert.Equal(writes, request.RequestUri.Query == "?wait=true");
        lock (_lock)
        {
            return Answer(request.Method.Method + " " + string.Join('/', path.Skip(2)), path[1], body);
        }
    }

    private HttpResponseMessage Answer(string what, string collection, JsonNode? body)
    {
        var (size, kept) = _collections.GetValueOrDefault(collection);
        if (kept is null && what != "PUT ")
        {
            return new HttpResponseMessage(HttpStatusCode.NotFound);
        }

        switch (what)
        {
            case "PUT ":
                _collections[collection] = ((int)body!["vectors"]!["size"]!, []);
                Created++;
                break;
            case "DELETE ":
                _collections.Remove(collection);
                break;
            case "PUT index":
                Indexes.Add((string)body!["field_name"]!);
                break;
            case "PUT points":
                Upserts.Add(body!["points"]!.AsArray().Count);
                foreach (var point in body["points"]!.AsArray())
                {
                    var vector = Floats(point!["vector"]!);
                    Assert.Equal(size, vector.Length);
                    kept![(string)point["id"]!] = (point.AsObject(), vector);
                }

                break;
            case "POST points/delete":
                foreach (var (id, _) in kept!.Where(p => Matches(p.Value.Point, body!["filter"]!)).ToList())
                {
                    kept!.Remove(id);
                }

                break;
            case "POST points/query":
                Queries.Add(body!);
                var query = Floats(body!["query"]!);
                Assert.Equal(size, query.Length);
                var points = kept!.Values.Where(p => Matches(p.Point, body["filter"]!)).Select(p => (p.Point, Score: TensorPrimitives.Dot(p.Vector, query))).OrderByDescending(p => p.Score).Take((int)body["limit"]!)
                    .Select(x => new JsonObject { ["id"] = x.Point["id"]!.DeepClone(), ["version"] = 1, ["score"] = x.Score, ["payload"] = new JsonObject { ["document_id"] = x.Point["payload"]!["document_id"]!.DeepClone() } });
                return Json(new JsonObject { ["result"] = new JsonObject { ["points"] = new JsonArray([.. points]) }, ["status"] = "ok", ["time"] = 0.001 });
            default:
                break;
        }

        return Json(new JsonObject { ["result"] = true, ["status"] = "ok", ["time"] = 0.001 });
    }

    private static float[] Floats(JsonNode numbers) => [.. numbers.AsArray().Select(n => (float)n!)];

    private static bool Matches(JsonObject point, JsonNode filter) =>
        filter["must"]!.AsArray().All(c => (string?)point["payload"]![(string)c!["key"]!] == (string?)c["match"]!["value"]);

    private static HttpResponseMessage Json(JsonNode body) => new() { Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };

    private static bool Fits(JsonNode? value, JsonNode schema)
    {
        if ((string?)schema["$ref"] is { } reference)
        {
            return Fits(value, Description["components"]!["schemas"]![reference.Split('/')[^1]]!);
        }

        if (value is null)
        {
            return (bool?)schema["nullable"] == true;
        }

        if ((schema["anyOf"] ?? schema["oneOf"]) is JsonArray choices)
        {
            return choices.Any(c => Fits(value, c!));
        }

        if (schema["allOf"] is JsonArray all)
        {
            return all.All(c => Fits(value, c!));
        }

        if (schema["enum"] is JsonArray names && !names.Any(n => JsonNode.DeepEquals(n, value)))
        {
            return false;
        }

        var kind = value.GetValueKind();
        return (string?)schema["type"] switch
        {
            "object" => value is JsonObject o
                && (schema["required"] as JsonArray ?? []).All(r => o.ContainsKey((string)r!))
                && o.All(p => schema["properties"]?[p.Key] is { } known ? Fits(p.Value, known) : schema["properties"] is null || schema["additionalProperties"] is not null),
            "array" => value is JsonArray a && a.All(i => schema["items"] is not { } items || Fits(i, items)),
            "string" => kind == JsonValueKind.String && ((string?)schema["format"] != "uuid" || Guid.TryParse((string)value!, out _)),
            "integer" => kind == JsonValueKind.Number && value.AsValue().TryGetValue<long>(out _),
            "number" => kind == JsonValueKind.Number,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            // {"nullable": true} beside a $ref allows null and nothing else.
            _ => schema["nullable"] is null,
        };
    }
}
