using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>
/// Anthropic's Messages API, spoken directly: its SDK retries by itself, keeps <c>Retry-After</c> to itself and ends a cut stream as if it were whole, and all three
/// decide here what happens next.
/// </summary>
internal sealed class AnthropicProvider(ProviderSettings settings, HttpClient http) : IChatProvider
{
    public string Name => "anthropic";

    public string? DefaultModel => settings.DefaultModel;

    public IChatClient Open(string model) => new Client(settings, http, model);

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        using var json = await ProviderWire.GetAsync(http, $"{settings.Address}/models?limit=1000", cancellationToken);
        return [.. json.RootElement.Items("data").Select(m => m.Text("id")).Where(id => id is { Length: > 0 and <= 200 }).Select(id => id!)];
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

    private sealed class Client(ProviderSettings settings, HttpClient http, string model) : IChatClient
    {
        private const int MaxTokens = 4_096;
        private readonly ChatClientMetadata _metadata = new("anthropic", new Uri(settings.Address), model);

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
            var calls = new SortedDictionary<int, (string Id, string Name, string Given, StringBuilder Arguments)>();
            string? id = null, served = null;
            ChatFinishReason? finish = null;
            var ended = false;
            await foreach (var happened in ProviderWire.StreamAsync(http, $"{settings.Address}/messages", Body(messages, options), cancellationToken))
            {
                // Also with nothing in it: a sign of life while it thinks.
                var said = new ChatResponseUpdate { Role = ChatRole.Assistant };
                switch (happened.Text("type"))
                {
                    case "message_start":
                        var message = happened.Part("message") ?? default;
                        (id, served) = (message.Text("id"), message.Text("model"));
                        Count(message.Part("usage"), said);
                        break;
                    case "content_block_start" when happened.Part("content_block") is { } block:
                        if (block.Text("type") == "tool_use" && happened.Number("index") is { } begun)
                        {
                            calls[begun] = (block.Text("id") ?? $"call_{begun}", block.Text("name") ?? "", block.Part("input")?.GetRawText() ?? "", new());
                        }
                        else if (block.Text("text") is { Length: > 0 } opening)
                        {
                            said.Contents.Add(new TextContent(opening));
                        }

                        break;
                    case "content_block_delta" when happened.Part("delta") is { } delta:
                        if (delta.Text("text") is { Length: > 0 } text)
                        {
                            said.Contents.Add(new TextContent(text));
                        }
                        else if (delta.Text("partial_json") is { } json && happened.Number("index") is { } index && calls.TryGetValue(index, out var call))
                        {
                            call.Arguments.Append(json);
                        }

                        break;
                    case "message_delta":
                        finish = Reason(happened.Part("delta")?.Text("stop_reason")) ?? finish;
                        Count(happened.Part("usage"), said);
                        break;
                    case "message_stop":
                        ended = true;
                        break;
                    case "error":
                        throw new ProviderException("The provider broke its answer off with an error.", StatusOf(happened.Part("error")?.Text("type")));
                }

                (said.ResponseId, said.MessageId, said.ModelId) = (id, id, served);
                yield return said;
            }

            if (!ended || finish is null)
            {
                throw new ProviderException("The stream ended before the message did.");
            }

            var last = new ChatResponseUpdate { Role = ChatRole.Assistant, ResponseId = id, MessageId = id, ModelId = served, FinishReason = finish };
            foreach (var call in calls.Values)
            {
                last.Contents.Add(ProviderWire.ToCall(call.Id, call.Name, call.Arguments.Length > 0 ? call.Arguments.ToString() : call.Given));
            }

            yield return last;
        }

        private static void Count(JsonElement? usage, ChatResponseUpdate said)
        {
            if (usage is not { } counted)
            {
                return;
            }

            // What came out of the cache, or went into it, is input too.
            var input = (counted.Number("input_tokens") ?? 0) + (counted.Number("cache_read_input_tokens") ?? 0) + (counted.Number("cache_creation_input_tokens") ?? 0);
            said.Contents.Add(new UsageContent(new() { InputTokenCount = input, OutputTokenCount = counted.Number("output_tokens") ?? 0 }));
        }

        private static ChatFinishReason? Reason(string? reason) => reason switch
        {
            null => null,
            "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
            "tool_use" => ChatFinishReason.ToolCalls,
            "refusal" => ChatFinishReason.ContentFilter,
            _ => ChatFinishReason.Stop,
        };

        private static int StatusOf(string? error) => error switch
        {
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "permission_error" => 403,
            "not_found_error" => 404,
            "rate_limit_error" => 429,
            "overloaded_error" => 529,
            _ => 500,
        };

        private JsonObject Body(IEnumerable<ChatMessage> messages, ChatOptions? options)
        {
            var said = new JsonArray();
            var system = new StringBuilder();
            foreach (var message in messages)
            {
                if (message.Role == ChatRole.System)
                {
                    system.Append(system.Length > 0 ? "\n\n" : "").Append(message.Text);
                }
                else if (Content(message) is { Count: > 0 } content)
                {
                    said.Add(new JsonObject { ["role"] = message.Role == ChatRole.Assistant ? "assistant" : "user", ["content"] = content });
                }
            }

            var body = new JsonObject { ["model"] = model, ["max_tokens"] = options?.MaxOutputTokens ?? MaxTokens, ["messages"] = said, ["stream"] = true };
            if (system.Length > 0)
            {
                body["system"] = system.ToString();
            }

            if (options?.Temperature is { } temperature)
            {
                // Its scale ends at 1.
                body["temperature"] = Math.Round(Math.Min((double)temperature, 1), 4);
            }

            if (options?.StopSequences is { Count: > 0 } stops)
            {
                body["stop_sequences"] = new JsonArray([.. stops.Select(s => (JsonNode)s)]);
            }

            if (options?.Tools?.OfType<AIFunctionDeclaration>().ToList() is { Count: > 0 } tools)
            {
                body["tools"] = new JsonArray([.. tools.Select(t => (JsonNode)new JsonObject { ["name"] = t.Name, ["description"] = t.Description, ["input_schema"] = JsonNode.Parse(t.JsonSchema.GetRawText()) })]);
                JsonObject? choice = options.ToolMode switch
                {
                    NoneChatToolMode => new() { ["type"] = "none" },
                    RequiredChatToolMode { RequiredFunctionName: { } name } => new() { ["type"] = "tool", ["name"] = name },
                    RequiredChatToolMode => new() { ["type"] = "any" },
                    _ => null,
                };
                if (choice is not null)
                {
                    body["tool_choice"] = choice;
                }
            }

            return body;
        }

        private static JsonArray Content(ChatMessage message)
        {
            var content = new JsonArray();
            foreach (var part in message.Contents)
            {
                JsonObject? block = part switch
                {
                    // Blank text is refused.
                    TextContent { Text: var text } when !string.IsNullOrWhiteSpace(text) => new() { ["type"] = "text", ["text"] = text },
                    DataContent data when data.HasTopLevelMediaType("image") => new()
                    {
                        ["type"] = "image",
                        ["source"] = new JsonObject { ["type"] = "base64", ["media_type"] = data.MediaType, ["data"] = Convert.ToBase64String(data.Data.Span) },
                    },
                    FunctionCallContent call => new() { ["type"] = "tool_use", ["id"] = call.CallId, ["name"] = call.Name, ["input"] = JsonSerializer.SerializeToNode(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions) },
                    FunctionResultContent result => new() { ["type"] = "tool_result", ["tool_use_id"] = result.CallId, ["content"] = ProviderWire.ResultOf(result) },
                    _ => null,
                };
                if (block is not null)
                {
                    content.Add(block);
                }
            }

            return content;
        }
    }
}
