using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>What the protocols have in common that we speak by ourselves: a JSON body there, events or JSON back, failures as <see cref="ProviderException"/>.</summary>
internal static class ProviderWire
{
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>The events' data, each a JSON object that lives until the next one.</summary>
    public static async IAsyncEnumerable<JsonElement> StreamAsync(HttpClient http, string address, JsonNode body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(http, address, body, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream, (_, data) => Encoding.UTF8.GetString(data)).EnumerateAsync(cancellationToken))
        {
            if (item.Data is "" or "[DONE]")
            {
                continue;
            }

            using var json = Parse(item.Data);
            yield return json.RootElement;
        }
    }

    public static async Task<JsonDocument> PostAsync(HttpClient http, string address, JsonNode body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(http, address, body, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    public static async Task<JsonDocument> GetAsync(HttpClient http, string address, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri(address), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.IsSuccessStatusCode ? await ReadAsync(response, cancellationToken) : throw await FailureAsync(response, cancellationToken);
    }

    public static string? Text(this JsonElement json, string property) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int? Number(this JsonElement json, string property) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    public static JsonElement? Part(this JsonElement json, string property) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(property, out var value) && value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? value : null;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string property) => json.Part(property) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    public static FunctionCallContent ToCall(string id, string name, string json)
    {
        // Some servers send nothing at all for a tool without parameters.
        var call = FunctionCallContent.CreateFromParsedArguments(
            json, id, name, static text => string.IsNullOrWhiteSpace(text) ? [] : JsonSerializer.Deserialize<Dictionary<string, object?>>(text));
        call.RawRepresentation = json;
        return call;
    }

    public static string ResultOf(FunctionResultContent result) => result.Result as string ?? JsonSerializer.Serialize(result.Result, AIJsonUtilities.DefaultOptions);

    public static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues("retry-after-ms", out var exact) && double.TryParse(exact.First(), CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        return response.Headers.RetryAfter switch
        {
            { Delta: { } delta } when delta >= TimeSpan.Zero && delta < TimeSpan.FromDays(11) => delta,
            // Read against the server's own clock, which is the one it was made with.
            { Date: { } at } when response.Headers.Date is { } now && at > now => at - now,
            _ => null,
        };
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string address, JsonNode body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await FailureAsync(response, cancellationToken);
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            return await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        }
        catch (JsonException e)
        {
            throw new ProviderException("The provider did not answer in the agreed form.", inner: e);
        }
    }

    private static JsonDocument Parse(string data)
    {
        try
        {
            return JsonDocument.Parse(data);
        }
        catch (JsonException e)
        {
            throw new ProviderException("The provider did not answer in the agreed form.", inner: e);
        }
    }

    private static async Task<ProviderException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new("The provider answered with an error.", (int)response.StatusCode, RetryAfter(response) ?? await RetryInfoAsync(response, cancellationToken));

    /// <summary>Google says in the body how long to wait: <c>{"error":{"details":[{"@type":"…RetryInfo","retryDelay":"13s"}]}}</c>.</summary>
    private static async Task<TimeSpan?> RetryInfoAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode is not (429 or 503))
        {
            return null;
        }

        try
        {
            var buffer = new byte[MaxErrorBytes];
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            using var json = JsonDocument.Parse(buffer.AsMemory(0, length));
            var error = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.EnumerateArray().FirstOrDefault() : json.RootElement;
            return error.Part("error")?.Items("details").Select(d => d.Text("retryDelay")).FirstOrDefault(d => d is not null) is { } delay
                && delay.EndsWith('s') && double.TryParse(delay.AsSpan(0, delay.Length - 1), CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e6
                ? TimeSpan.FromSeconds(seconds)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
