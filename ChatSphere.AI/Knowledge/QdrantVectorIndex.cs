using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.Configuration;

namespace ChatSphere.AI.Knowledge;

/// <summary>A Qdrant server, as <c>ConnectionStrings:qdrant_http</c> names it: <c>Endpoint=http://…;Key=…</c>, the form that Aspire injects.</summary>
public sealed record QdrantConnection(Uri Endpoint, string? Key)
{
    public const string ConnectionName = "qdrant_http";

    /// <summary>Null when there is no such connection string.</summary>
    /// <exception cref="InvalidOperationException">It cannot be understood. The message never repeats the value, which holds a secret.</exception>
    public static QdrantConnection? From(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var values = new DbConnectionStringBuilder();
        try
        {
            values.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not of the form Endpoint=http://…;Key=….");
        }

        if (!values.TryGetValue("Endpoint", out var address) || !Uri.TryCreate(address as string, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} has no Endpoint that is an http or https address.");
        }

        return new QdrantConnection(endpoint, values.TryGetValue("Key", out var key) && key is string { Length: > 0 } secret ? secret : null);
    }

    public override string ToString() => Endpoint.ToString();
}

/// <summary>
/// Vectors in Qdrant, over its REST API. One collection for each set of vectors, all bots in it: the bot is an indexed tenant key, and every search filters by it.
/// PostgreSQL stays the truth, so a lost collection is a matter of embedding again and not of losing anything.
/// </summary>
public sealed class QdrantVectorIndex(IHttpClientFactory clients) : IVectorIndex, IDisposable
{
    public const string HttpClientName = "qdrant";

    private const int BatchSize = 256;

    private readonly SemaphoreSlim _creating = new(1, 1);
    private readonly ConcurrentDictionary<string, bool> _created = new();

    public void Dispose() => _creating.Dispose();

    public async Task<IReadOnlyList<VectorHit>> SearchAsync(string set, KnowledgeScope scope, ReadOnlyMemory<float> query, int top, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(HttpClientName);
        using var response = await http.PostAsJsonAsync(
            $"collections/{CollectionOf(set)}/points/query",
            new { query, filter = new Filter([Match("bot_id", scope.BotId)]), limit = top, with_payload = new[] { "document_id" }, with_vector = false },
            cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            // Nothing was ever embedded with this model.
            return [];
        }

        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<Answer<QueryResult>>(cancellationToken);
        return [.. (answer?.Result?.Points ?? []).Where(p => p.Payload is not null).Select(p => new VectorHit(p.Id, p.Payload!.DocumentId, p.Score))];
    }

    // Nothing is cached here; ForgetDocument removes the points.
    public void Forget(KnowledgeScope scope, IReadOnlyCollection<Guid> documentIds)
    {
    }

    public async Task AddAsync(string set, Guid botId, Guid documentId, IReadOnlyList<EmbeddedChunk> chunks, CancellationToken cancellationToken)
    {
        if (chunks.Count == 0)
        {
            return;
        }

        using var http = clients.CreateClient(HttpClientName);
        var collection = CollectionOf(set);
        await EnsureCollectionAsync(http, collection, chunks[0].Vector.Length, cancellationToken);
        foreach (var batch in chunks.Chunk(BatchSize))
        {
            // A chunk's id is its point's id, so a second time overwrites.
            using var response = await http.PutAsJsonAsync(
                $"collections/{collection}/points?wait=true",
                new { points = batch.Select(c => new { id = c.ChunkId, vector = c.Vector, payload = new { bot_id = botId, document_id = documentId } }) },
                cancellationToken);
            response.EnsureSuccessStatusCode();
        }
    }

    public Task RemoveDocumentAsync(IReadOnlyCollection<string> sets, Guid botId, Guid documentId, CancellationToken cancellationToken) =>
        RemoveAsync(sets, new Filter([Match("bot_id", botId), Match("document_id", documentId)]), cancellationToken);

    public Task RemoveBotAsync(IReadOnlyCollection<string> sets, Guid botId, CancellationToken cancellationToken) => RemoveAsync(sets, new Filter([Match("bot_id", botId)]), cancellationToken);

    public async Task RemoveSetAsync(string set, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(HttpClientName);
        using var response = await http.DeleteAsync(new Uri($"collections/{CollectionOf(set)}", UriKind.Relative), cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            response.EnsureSuccessStatusCode();
        }

        _created.TryRemove(CollectionOf(set), out _);
    }

    /// <summary>Readable, and with a hash because a model's name may hold anything.</summary>
    internal static string CollectionOf(string model)
    {
        var readable = new string([.. model.ToLowerInvariant().Take(60).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        return $"chatsphere-{readable}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)))[..8]}";
    }

    private async Task RemoveAsync(IReadOnlyCollection<string> sets, Filter filter, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(HttpClientName);
        foreach (var set in sets)
        {
            using var response = await http.PostAsJsonAsync($"collections/{CollectionOf(set)}/points/delete?wait=true", new { filter }, cancellationToken);
            if (response.StatusCode != HttpStatusCode.NotFound)
            {
                response.EnsureSuccessStatusCode();
            }
        }
    }

    private async Task EnsureCollectionAsync(HttpClient http, string collection, int dimensions, CancellationToken cancellationToken)
    {
        if (_created.ContainsKey(collection))
        {
            return;
        }

        await _creating.WaitAsync(cancellationToken);
        try
        {
            if (_created.ContainsKey(collection))
            {
                return;
            }

            using (var found = await http.GetAsync(new Uri($"collections/{collection}", UriKind.Relative), cancellationToken))
            {
                if (found.StatusCode == HttpStatusCode.NotFound)
                {
                    using var created = await http.PutAsJsonAsync(
                        $"collections/{collection}", new { vectors = new { size = dimensions, distance = "Cosine" } }, cancellationToken);
                    // Another Worker may have been quicker.
                    if (created.StatusCode != HttpStatusCode.Conflict)
                    {
                        created.EnsureSuccessStatusCode();
                    }
                }
                else
                {
                    found.EnsureSuccessStatusCode();
                }
            }

            await EnsureIndexAsync(http, collection, "bot_id", tenant: true, cancellationToken);
            await EnsureIndexAsync(http, collection, "document_id", tenant: false, cancellationToken);
            _created[collection] = true;
        }
        finally
        {
            _creating.Release();
        }
    }

    private static async Task EnsureIndexAsync(HttpClient http, string collection, string field, bool tenant, CancellationToken cancellationToken)
    {
        using var response = await http.PutAsJsonAsync(
            $"collections/{collection}/index?wait=true", new { field_name = field, field_schema = new { type = "keyword", is_tenant = tenant } }, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private static Condition Match(string key, Guid value) => new(key, new MatchValue(value));

    private sealed record Filter([property: JsonPropertyName("must")] IReadOnlyList<Condition> Must);

    private sealed record Condition([property: JsonPropertyName("key")] string Key, [property: JsonPropertyName("match")] MatchValue Match);

    private sealed record MatchValue([property: JsonPropertyName("value")] Guid Value);

    private sealed record Answer<T>(T? Result);

    private sealed record QueryResult(IReadOnlyList<Point> Points);

    private sealed record Point(Guid Id, float Score, PointPayload? Payload);

    private sealed record PointPayload([property: JsonPropertyName("document_id")] Guid DocumentId);
}
