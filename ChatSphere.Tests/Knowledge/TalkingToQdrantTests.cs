using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Knowledge;

namespace ChatSphere.Tests.Knowledge;

/// <summary>
/// Against Qdrant's own API description (the parts that are used, in <c>qdrant-openapi-extract.json</c>). Names that the description does not know are errors too, although Qdrant
/// would ignore them: a misspelt filter must not search everything.
/// </summary>
public sealed class TalkingToQdrantTests : IDisposable
{
    private readonly FakeQdrant _server = new();
    private readonly QdrantVectorIndex _index;
    private readonly Bot _bot = Bot.Create(Guid.CreateVersion7(), "One", "", null, null, DateTimeOffset.UtcNow);
    private readonly Bot _other = Bot.Create(Guid.CreateVersion7(), "Other", "", null, null, DateTimeOffset.UtcNow);

    public TalkingToQdrantTests() => _index = new QdrantVectorIndex(new Clients(_server), new LocalEmbedder());

    public void Dispose()
    {
        _index.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Nothing_is_found_before_anything_was_added() => Assert.Empty(await SearchAsync(_bot));

    [Fact]
    public async Task Added_vectors_are_found_within_their_bot_only()
    {
        var (document, chunks) = Vectors(600);
        await _index.AddAsync(_bot.Id, document, chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync(_other.Id, Guid.CreateVersion7(), Vectors(3).Chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync(_bot.Id, document, chunks, TestContext.Current.CancellationToken);

        var found = await SearchAsync(_bot, 1_000);

        Assert.Equal(chunks.Select(c => c.ChunkId).Order(), found.Select(f => f.ChunkId).Order());
        Assert.All(found, f => Assert.Equal(document, f.DocumentId));
        Assert.All(_server.Queries, q => Assert.Equal(_bot.Id.ToString(), (string?)q["filter"]!["must"]![0]!["match"]!["value"]));
        Assert.All(_server.Upserts, u => Assert.InRange(u, 1, 256));
        Assert.Equal(1, _server.Created);
        Assert.Equal(["bot_id", "document_id"], _server.Indexes.Order());
    }

    [Fact]
    public async Task Removed_document_and_removed_bot_are_not_found()
    {
        var (first, second) = (Vectors(2), Vectors(2));
        await _index.AddAsync(_bot.Id, first.Document, first.Chunks, TestContext.Current.CancellationToken);
        await _index.AddAsync(_bot.Id, second.Document, second.Chunks, TestContext.Current.CancellationToken);

        await _index.RemoveDocumentAsync(_bot.Id, first.Document, TestContext.Current.CancellationToken);
        Assert.All(await SearchAsync(_bot), f => Assert.Equal(second.Document, f.DocumentId));
        await _index.RemoveBotAsync(_bot.Id, TestContext.Current.CancellationToken);
        Assert.Empty(await SearchAsync(_bot));
    }

    [Fact]
    public async Task Error_of_the_server_is_not_taken_for_an_empty_result()
    {
        _server.Broken = true;
        await Assert.ThrowsAsync<HttpRequestException>(() => SearchAsync(_bot));
        await Assert.ThrowsAsync<HttpRequestException>(() => _index.AddAsync(_bot.Id, Guid.CreateVersion7(), Vectors(1).Chunks, TestContext.Current.CancellationToken));
    }

    private static (Guid Document, List<EmbeddedChunk> Chunks) Vectors(int count) =>
        (Guid.CreateVersion7(), [.. Enumerable.Range(0, count).Select(i => new EmbeddedChunk(Guid.CreateVersion7(), new float[] { 0.6f, 0.8f, 0, 0 }))]);

    private Task<IReadOnlyList<VectorHit>> SearchAsync(Bot bot, int top = 10) => _index.SearchAsync(bot.KnowledgeScope(), new float[] { 0.6f, 0.8f, 0, 0 }, top, TestContext.Current.CancellationToken);

    private sealed class Clients(FakeQdrant server) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(server, disposeHandler: false) { BaseAddress = new Uri("http://qdrant.test:6333/") };
    }

    /// <summary>Holds every request against the description, and keeps points.</summary>
    private sealed class FakeQdrant : HttpMessageHandler
    {
        private static readonly JsonObject Description = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "ChatSphere.Tests", "Knowledge", "qdrant-openapi-extract.json")))!.AsObject();
        private readonly Dictionary<string, JsonObject> _points = [];
        private string? _collection;

        public bool Broken { get; set; }

        public int Created { get; private set; }

        public List<string> Indexes { get; } = [];

        public List<JsonNode> Queries { get; } = [];

        public List<int> Upserts { get; } = [];

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
            return Answer(request.Method.Method + " " + string.Join('/', path.Skip(2)), path[1], body);
        }

        private HttpResponseMessage Answer(string what, string collection, JsonNode? body)
        {
            if (_collection != collection && what != "PUT ")
            {
                return new HttpResponseMessage(HttpStatusCode.NotFound);
            }

            switch (what)
            {
                case "PUT ":
                    _collection = collection;
                    Created++;
                    break;
                case "PUT index":
                    Indexes.Add((string)body!["field_name"]!);
                    break;
                case "PUT points":
                    Upserts.Add(body!["points"]!.AsArray().Count);
                    foreach (var point in body["points"]!.AsArray())
                    {
                        _points[(string)point!["id"]!] = point.AsObject();
                    }

                    break;
                case "POST points/delete":
                    foreach (var (id, _) in _points.Where(p => Matches(p.Value, body!["filter"]!)).ToList())
                    {
                        _points.Remove(id);
                    }

                    break;
                case "POST points/query":
                    Queries.Add(body!);
                    var points = _points.Values.Where(p => Matches(p, body!["filter"]!)).Take((int)body!["limit"]!)
                        .Select(p => new JsonObject { ["id"] = p["id"]!.DeepClone(), ["version"] = 1, ["score"] = 0.9, ["payload"] = new JsonObject { ["document_id"] = p["payload"]!["document_id"]!.DeepClone() } });
                    return Json(new JsonObject { ["result"] = new JsonObject { ["points"] = new JsonArray([.. points]) }, ["status"] = "ok", ["time"] = 0.001 });
                default:
                    break;
            }

            return Json(new JsonObject { ["result"] = true, ["status"] = "ok", ["time"] = 0.001 });
        }

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
}
