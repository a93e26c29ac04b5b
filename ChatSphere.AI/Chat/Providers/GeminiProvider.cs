using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>
/// Google's own protocol rather than its OpenAI-compatible one: only here come the signatures of thoughts that newer models insist to get back with tool results, the
/// reasons for withheld answers, and the tokens of thinking apart.
/// </summary>
internal sealed class GeminiProvider(ProviderSettings settings, HttpClient http) : IChatProvider, IEmbeddingProvider
{
    private const int MaxBatch = 100;
    private const string Signature = "thoughtSignature";

    public string Name => "gcp.gemini";

    public string? DefaultModel => settings.DefaultModel;

    public IChatClient Open(string model) => new Client(settings, http, model);

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var json = await ProviderWire.GetAsync(http, $"{settings.Address}/models?pageSize=1000", cancellationToken);
        return [.. json.RootElement.Items("models").Select(m => m.Text("name")).Where(n => n is { Length: > 0 and <= 200 }).Select(n => n!.StartsWith("models/", StringComparison.Ordinal) ? n["models/".Length..] : n)];
    }

    public async Task<bool> ServesAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            using var json = await ProviderWire.GetAsync(http, $"{settings.Address}/models/{Uri.EscapeDataString(model)}", cancellationToken);
            return true;
        }
        catch (ProviderException e) when (e.Status is 400 or 404 or 422)
        {
            return false;
        }
    }

    public async Task<EmbeddedTexts> EmbedAsync(string model, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new List<float[]>(texts.Count);
        foreach (var batch in texts.Chunk(MaxBatch))
        {
            var body = new JsonObject
            {
                ["requests"] = new JsonArray([.. batch.Select(text => (JsonNode)new JsonObject
                {
                    ["model"] = $"models/{model}",
                    ["content"] = new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["text"] = text }) },
                })]),
            };
            using var json = await ProviderWire.PostAsync(http, $"{settings.Address}/models/{Uri.EscapeDataString(model)}:batchEmbedContents", body, cancellationToken);
            var before = vectors.Count;
            vectors.AddRange(json.RootElement.Items("embeddings").Select(e => e.Items("values").Select(v => v.GetSingle()).ToArray()));
            if (vectors.Count - before != batch.Length)
            {
                throw new ProviderException("The provider did not embed every text.");
            }
        }

        return new(vectors, null);
    }

    private sealed class Client(ProviderSettings settings, HttpClient http, string model) : IChatClient
    {
        private readonly ChatClientMetadata _metadata = new("gcp.gemini", new Uri(settings.Address), model);

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType?.IsInstanceOfType(this) == true ? this : null;

        public void Dispose()
        {
        }

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var calls = new List<FunctionCallContent>();
            string? id = null, served = null;
            ChatFinishReason? finish = null;
            await foreach (var piece in ProviderWire.StreamAsync(http, $"{settings.Address}/models/{Uri.EscapeDataString(model)}:streamGenerateContent?alt=sse", Body(messages, options), cancellationToken))
            {
                if (piece.Part("error") is { } error)
                {
                    throw new ProviderException("The provider broke its answer off with an error.", error.Number("code") ?? 500);
                }

                (id, served) = (piece.Text("responseId") ?? id, piece.Text("modelVersion") ?? served);
                var said = new ChatResponseUpdate { Role = ChatRole.Assistant, ResponseId = id, MessageId = id, ModelId = served };
                var candidate = piece.Items("candidates").FirstOrDefault();
                foreach (var part in candidate.Part("content")?.Items("parts") ?? [])
                {
                    var isThought = part.TryGetProperty("thought", out var thought) && thought.ValueKind == JsonValueKind.True;
                    if (part.Part("functionCall") is { } call)
                    {
                        var made = ProviderWire.ToCall(call.Text("id") ?? $"call_{calls.Count}", call.Text("name") ?? "", call.Part("args")?.GetRawText() ?? "");
                        if (part.Text(Signature) is { } signature)
                        {
                            made.AdditionalProperties = new() { [Signature] = signature };
                        }

                        calls.Add(made);
                    }
                    else if (!isThought && part.Text("text") is { Length: > 0 } text)
                    {
                        said.Contents.Add(new TextContent(text));
                    }
                }

                if (piece.Part("usageMetadata") is { } usage)
                {
                    said.Contents.Add(new UsageContent(new()
                    {
                        InputTokenCount = usage.Number("promptTokenCount") ?? 0,
                        OutputTokenCount = (usage.Number("candidatesTokenCount") ?? 0) + (usage.Number("thoughtsTokenCount") ?? 0),
                    }));
                }

                finish = candidate.Text("finishReason") is { } reason ? Reason(reason)
                    : piece.Part("promptFeedback")?.Text("blockReason") is not null ? ChatFinishReason.ContentFilter
                    : finish;
                yield return said;
            }

            if (finish is null)
            {
                throw new ProviderException("The stream ended without a finish reason.");
            }

            yield return new ChatResponseUpdate
            {
                Role = ChatRole.Assistant,
                ResponseId = id,
                MessageId = id,
                ModelId = served,
                FinishReason = calls.Count > 0 && finish == ChatFinishReason.Stop ? ChatFinishReason.ToolCalls : finish,
                Contents = [.. calls],
            };
        }

        private static ChatFinishReason Reason(string reason) => reason switch
        {
            "STOP" => ChatFinishReason.Stop,
            "MAX_TOKENS" => ChatFinishReason.Length,
            // Of its own making, and gone the next time.
            "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" or "FINISH_REASON_UNSPECIFIED" => throw new ProviderException("The model wrote a call that is none."),
            _ => ChatFinishReason.ContentFilter,
        };

        private static JsonObject Body(IEnumerable<ChatMessage> messages, ChatOptions? options)
        {
            var contents = new JsonArray();
            var system = new StringBuilder();
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var message in messages)
            {
                if (message.Role == ChatRole.System)
                {
                    system.Append(system.Length > 0 ? "\n\n" : "").Append(message.Text);
                }
                else if (Parts(message, names) is { Count: > 0 } parts)
                {
                    contents.Add(new JsonObject { ["role"] = message.Role == ChatRole.Assistant ? "model" : "user", ["parts"] = parts });
                }
            }

            var generation = new JsonObject();
            Set("maxOutputTokens", options?.MaxOutputTokens);
            Set("temperature", options?.Temperature is { } temperature ? Math.Round((double)temperature, 4) : null);
            Set("topP", options?.TopP is { } topP ? Math.Round((double)topP, 4) : null);
            Set("stopSequences", options?.StopSequences is { Count: > 0 } stops ? new JsonArray([.. stops.Select(s => (JsonNode)s)]) : null);
            if (options?.ResponseFormat is ChatResponseFormatJson json)
            {
                generation["responseMimeType"] = "application/json";
                Set("responseJsonSchema", json.Schema is { } schema ? JsonNode.Parse(schema.GetRawText()) : null);
            }

            var body = new JsonObject { ["contents"] = contents, ["generationConfig"] = generation };
            if (system.Length > 0)
            {
                body["systemInstruction"] = new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["text"] = system.ToString() }) };
            }

            if (options?.Tools?.OfType<AIFunctionDeclaration>().ToList() is { Count: > 0 } tools)
            {
                body["tools"] = new JsonArray(new JsonObject
                {
                    ["functionDeclarations"] = new JsonArray([.. tools.Select(t => (JsonNode)new JsonObject
                    {
                        ["name"] = t.Name, ["description"] = t.Description, ["parametersJsonSchema"] = JsonNode.Parse(t.JsonSchema.GetRawText()),
                    })]),
                });
                JsonObject? choice = options.ToolMode switch
                {
                    NoneChatToolMode => new() { ["mode"] = "NONE" },
                    RequiredChatToolMode { RequiredFunctionName: { } name } => new() { ["mode"] = "ANY", ["allowedFunctionNames"] = new JsonArray(name) },
                    RequiredChatToolMode => new() { ["mode"] = "ANY" },
                    _ => null,
                };
                if (choice is not null)
                {
                    body["toolConfig"] = new JsonObject { ["functionCallingConfig"] = choice };
                }
            }

            return body;

            void Set(string name, JsonNode? value)
            {
                if (value is not null)
                {
                    generation[name] = value;
                }
            }
        }

        private static JsonArray Parts(ChatMessage message, Dictionary<string, string> names)
        {
            var parts = new JsonArray();
            foreach (var content in message.Contents)
            {
                switch (content)
                {
                    case TextContent { Text.Length: > 0 } text:
                        parts.Add(new JsonObject { ["text"] = text.Text });
                        break;
                    case DataContent data when data.HasTopLevelMediaType("image"):
                        parts.Add(new JsonObject { ["inlineData"] = new JsonObject { ["mimeType"] = data.MediaType, ["data"] = Convert.ToBase64String(data.Data.Span) } });
                        break;
                    case FunctionCallContent call:
                        names[call.CallId] = call.Name;
                        var made = new JsonObject
                        {
                            ["functionCall"] = new JsonObject { ["name"] = call.Name, ["args"] = JsonSerializer.SerializeToNode(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions) },
                        };
                        if (call.AdditionalProperties?.GetValueOrDefault(Signature) is string signature)
                        {
                            made[Signature] = signature;
                        }

                        parts.Add(made);
                        break;
                    case FunctionResultContent result:
                        parts.Add(new JsonObject
                        {
                            ["functionResponse"] = new JsonObject
                            {
                                ["name"] = names.GetValueOrDefault(result.CallId, "tool"),
                                ["response"] = new JsonObject { ["result"] = ProviderWire.ResultOf(result) },
                            },
                        });
                        break;
                }
            }

            return parts;
        }
    }
}
