using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>OpenAI, and whatever speaks its protocol: Azure OpenAI's <c>/openai/v1/</c>, Gemini's compatible endpoint, Ollama, vLLM, LM Studio, llama.cpp.</summary>
internal sealed class OpenAiProvider : IChatProvider, IDisposable
{
    private const int MaxListedModels = 2_000;

    private readonly HttpClient _http;
    private readonly OpenAIClient _client;
    private readonly OpenAiConnection _connection;
    private readonly bool _isOpenAi;

    public OpenAiProvider(OpenAiConnection connection)
    {
        _connection = connection;
        var host = connection.Endpoint.Host;
        _isOpenAi = host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase);

        // Not from IHttpClientFactory: its resilience handler retries and times out, which would double ours and cut long streams. Redirects stay off, they would carry the prompt along.
        _http = new(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = int.MaxValue,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = 8 * 1024 * 1024,
        };
        _client = new(new ApiKeyCredential(Key), new OpenAIClientOptions
        {
            Endpoint = connection.Endpoint,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            UserAgentApplicationId = "ChatSphere",
        });
    }

    public string Name => "openai";

    public string? DefaultModel => _connection.Model;

    /// <summary>Local servers want no key, the SDK insists on one.</summary>
    private string Key => string.IsNullOrWhiteSpace(_connection.Key) ? "none" : _connection.Key;

    public IChatClient Open(string model) => new OpenAiChatClient(_client.GetChatClient(model), model, _connection.Endpoint, _isOpenAi);

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_connection.Endpoint.AbsoluteUri.TrimEnd('/')}/models"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new ProviderException("The provider does not list its models.", (int)response.StatusCode);
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        var ids = new List<string>();
        foreach (var model in json.RootElement.GetProperty("data").EnumerateArray().Take(MaxListedModels))
        {
            if (model.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 and <= 200 } text)
            {
                ids.Add(text);
            }
        }

        return ids;
    }

    public async Task<bool> ServesAsync(string model, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_connection.Endpoint.AbsoluteUri.TrimEnd('/')}/models/{Uri.EscapeDataString(model)}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.IsSuccessStatusCode
            || ((int)response.StatusCode is 400 or 404 or 422 ? false : throw new ProviderException("The provider does not say whether it serves a model.", (int)response.StatusCode));
    }

    public void Dispose() => _http.Dispose();
}
