using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Data.Models;
using Microsoft.Extensions.AI;
using OpenAI;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>
/// OpenAI, and whatever speaks its protocol: Ollama, vLLM, LM Studio, llama.cpp, and Azure OpenAI, whose v1 address differs in nothing but a header and whose older
/// addresses carry deployment and version.
/// </summary>
internal sealed class OpenAiProvider : IChatProvider, IEmbeddingProvider
{
    private const int MaxListedModels = 2_000;
    private const int MaxBatch = 256;

    private readonly HttpClient _http;
    private readonly ProviderSettings _settings;
    private readonly bool _isOpenAi;

    public OpenAiProvider(ProviderSettings settings, HttpClient http)
    {
        (_settings, _http) = (settings, http);
        var host = new Uri(settings.Address).Host;
        _isOpenAi = settings.Kind is ProviderKind.OpenAi or ProviderKind.AzureOpenAi
            && (settings.Endpoint is null || settings.Kind == ProviderKind.AzureOpenAi || host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase));
    }

    public string Name => _settings.Kind == ProviderKind.AzureOpenAi ? "azure.ai.openai" : "openai";

    public string? DefaultModel => _settings.DefaultModel;

    public IChatClient Open(string model)
    {
        var endpoint = new Uri(_settings.AddressOf(model));

        // The key is put in by the HTTP client; the SDK insists on one.
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions
        {
            Endpoint = endpoint,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            UserAgentApplicationId = "ChatSphere",
        });
        return new OpenAiChatClient(client.GetChatClient(model), model, endpoint, _isOpenAi);
    }

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        // Azure lists what could be deployed, not what is.
        if (_settings.Kind == ProviderKind.AzureOpenAi)
        {
            return _settings.Models;
        }

        using var json = await ProviderWire.GetAsync(_http, $"{_settings.Address}/models", cancellationToken);
        if (json.RootElement.Part("data") is not { ValueKind: JsonValueKind.Array })
        {
            throw new ProviderException("The provider does not list its models.");
        }

        return [.. json.RootElement.Items("data").Select(m => m.Text("id")).Where(id => id is { Length: > 0 and <= 200 }).Select(id => id!).Take(MaxListedModels)];
    }

    public async Task<bool> ServesAsync(string model, CancellationToken cancellationToken)
    {
        if (_settings.Kind == ProviderKind.AzureOpenAi)
        {
            return _settings.Models.Contains(model, StringComparer.Ordinal);
        }

        using var response = await _http.GetAsync(new Uri($"{_settings.Address}/models/{Uri.EscapeDataString(model)}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.IsSuccessStatusCode
            || ((int)response.StatusCode is 400 or 404 or 422 ? false : throw new ProviderException("The provider does not say whether it serves a model.", (int)response.StatusCode));
    }

    public async Task<EmbeddedTexts> EmbedAsync(string model, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new List<float[]>(texts.Count);
        int? tokens = null;
        foreach (var batch in texts.Chunk(MaxBatch))
        {
            var body = new JsonObject { ["model"] = model, ["input"] = new JsonArray([.. batch.Select(t => (JsonNode)t)]), ["encoding_format"] = "float" };
            using var json = await ProviderWire.PostAsync(_http, $"{_settings.AddressOf(model)}/embeddings", body, cancellationToken);
            var made = json.RootElement.Items("data").OrderBy(e => e.Number("index")).Select(e => e.Items("embedding").Select(v => v.GetSingle()).ToArray()).ToList();
            if (made.Count != batch.Length)
            {
                throw new ProviderException("The provider did not embed every text.");
            }

            vectors.AddRange(made);
            tokens = json.RootElement.Part("usage")?.Number("prompt_tokens") is { } used ? (tokens ?? 0) + used : tokens;
        }

        return new(vectors, tokens);
    }
}
