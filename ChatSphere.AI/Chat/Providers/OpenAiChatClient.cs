using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using AiFinish = Microsoft.Extensions.AI.ChatFinishReason;
using AiMessage = Microsoft.Extensions.AI.ChatMessage;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>
/// <see cref="IChatClient"/> over the OpenAI SDK (stands in for Microsoft.Extensions.AI.OpenAI's <c>AsIChatClient</c>): text, images, tools, usage, streaming.
/// What goes wrong comes out as <see cref="ProviderException"/>, without the SDK's message, which quotes the server's error body.
/// </summary>
/// <param name="isOpenAi">OpenAI and Azure want <c>max_completion_tokens</c>; other servers know <c>max_tokens</c>, and some ignore the newer name.</param>
internal sealed class OpenAiChatClient(ChatClient inner, string model, Uri endpoint, bool isOpenAi) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("openai", endpoint, model);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType?.IsInstanceOfType(this) == true ? this : null;

    public void Dispose()
    {
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<AiMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<AiMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var calls = new SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)>();
        AiFinish? finish = null;
        string? id = null, served = null;
        await using var updates = inner.CompleteChatStreamingAsync(messages.SelectMany(ToOpenAi), ToOpenAi(options), cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(updates))
        {
            var update = updates.Current;
            id ??= update.CompletionId;
            served ??= update.Model;

            // Also with nothing in it: the watch over the stream takes it as a sign of life, which matters with models that think for a minute in a field we do not read.
            var said = new ChatResponseUpdate { Role = ChatRole.Assistant, ResponseId = id, MessageId = id, ModelId = served };
            foreach (var part in update.ContentUpdate)
            {
                if (part.Text is { Length: > 0 } text)
                {
                    said.Contents.Add(new TextContent(text));
                }
            }

            if (update.RefusalUpdate is { Length: > 0 } refusal)
            {
                said.Contents.Add(new TextContent(refusal));
            }

            foreach (var piece in update.ToolCallUpdates)
            {
                if (!calls.TryGetValue(piece.Index, out var call))
                {
                    call = (null, null, new());
                }

                if (piece.FunctionArgumentsUpdate is { } arguments && !arguments.ToMemory().IsEmpty)
                {
                    call.Arguments.Append(arguments);
                }

                calls[piece.Index] = (call.Id ?? piece.ToolCallId, call.Name ?? piece.FunctionName, call.Arguments);
            }

            finish = update.FinishReason is { } reason ? FromOpenAi(reason) : finish;
            if (update.Usage is { } usage)
            {
                said.Contents.Add(new UsageContent(new()
                {
                    InputTokenCount = usage.InputTokenCount,
                    OutputTokenCount = usage.OutputTokenCount,
                    TotalTokenCount = usage.TotalTokenCount,
                }));
            }

            yield return said;
        }

        // A proxy that loses its backend ends the response cleanly; only the missing finish_reason tells that the answer is not whole. The same for an error sent as an event,
        // and for a page of HTML where events should be.
        if (finish is null)
        {
            throw new ProviderException("The stream ended without a finish reason.");
        }

        var last = new ChatResponseUpdate { Role = ChatRole.Assistant, ResponseId = id, MessageId = id, ModelId = served, FinishReason = finish };
        foreach (var (index, call) in calls)
        {
            last.Contents.Add(ToCall(call.Id ?? $"call_{index}", call.Name ?? "", call.Arguments.ToString()));
        }

        yield return last;
    }

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<StreamingChatCompletionUpdate> updates)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (ClientResultException e)
        {
            throw new ProviderException("The provider answered with an error.", e.Status == 0 ? null : e.Status, RetryAfter(e.GetRawResponse()), e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException or KeyNotFoundException)
        {
            // What the SDK's readers throw on JSON that is none, or has another shape.
            throw new ProviderException("The provider did not answer in the agreed form.", inner: e);
        }
    }

    private static TimeSpan? RetryAfter(PipelineResponse? response)
    {
        if (response is null)
        {
            return null;
        }

        if (response.Headers.TryGetValue("retry-after-ms", out var exact) && double.TryParse(exact, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        if (!response.Headers.TryGetValue("Retry-After", out var value) || value is null)
        {
            return null;
        }

        if (double.TryParse(value, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds is >= 0 and < 1e6 ? TimeSpan.FromSeconds(seconds) : null;
        }

        // The form with a date is read against the server's own clock, which is the one it was made with.
        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out var at)
            && response.Headers.TryGetValue("Date", out var date) && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out var now) && at > now
            ? at - now
            : null;
    }

    private static FunctionCallContent ToCall(string id, string name, string json)
    {
        // Some servers send nothing at all for a tool without parameters.
        var call = FunctionCallContent.CreateFromParsedArguments(
            json, id, name, static text => string.IsNullOrWhiteSpace(text) ? [] : JsonSerializer.Deserialize<Dictionary<string, object?>>(text));
        call.RawRepresentation = json;
        return call;
    }

    private static AiFinish FromOpenAi(OpenAI.Chat.ChatFinishReason reason) => reason switch
    {
        OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => AiFinish.ToolCalls,
        OpenAI.Chat.ChatFinishReason.Length => AiFinish.Length,
        OpenAI.Chat.ChatFinishReason.ContentFilter => AiFinish.ContentFilter,
        _ => AiFinish.Stop,
    };

    private static IEnumerable<OpenAI.Chat.ChatMessage> ToOpenAi(AiMessage message)
    {
        if (message.Role == ChatRole.System)
        {
            yield return new SystemChatMessage(message.Text);
        }
        else if (message.Role == ChatRole.Tool)
        {
            foreach (var result in message.Contents.OfType<FunctionResultContent>())
            {
                yield return new ToolChatMessage(result.CallId, result.Result as string ?? JsonSerializer.Serialize(result.Result));
            }
        }
        else if (message.Role == ChatRole.Assistant)
        {
            var calls = message.Contents.OfType<FunctionCallContent>()
                .Select(c => ChatToolCall.CreateFunctionToolCall(c.CallId, c.Name, BinaryData.FromObjectAsJson(c.Arguments ?? new Dictionary<string, object?>()))).ToList();
            var said = calls.Count > 0 ? new AssistantChatMessage(calls) : new AssistantChatMessage(message.Text);
            if (calls.Count > 0 && message.Text.Length > 0)
            {
                said.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
            }

            yield return said;
        }
        else
        {
            // Plain text as a plain string: not every compatible server reads the array form.
            yield return message.Contents.All(c => c is TextContent)
                ? new UserChatMessage(message.Text)
                : new UserChatMessage(message.Contents.Select(content => content switch
                {
                    TextContent text => ChatMessageContentPart.CreateTextPart(text.Text),
                    DataContent data when data.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(data.Data), data.MediaType),
                    _ => null,
                }).OfType<ChatMessageContentPart>());
        }
    }

    private ChatCompletionOptions ToOpenAi(ChatOptions? options)
    {
        // Models that think refuse a temperature, on OpenAI's own servers.
        var isFixed = isOpenAi && KnownModels.Find(model)?.FixedTemperature == true;
        var mapped = new ChatCompletionOptions { Temperature = isFixed ? null : options?.Temperature, TopP = isFixed ? null : options?.TopP };
        if (options?.MaxOutputTokens is { } most)
        {
            if (isOpenAi)
            {
                mapped.MaxOutputTokenCount = most;
            }
            else
            {
#pragma warning disable SCME0001 // The SDK's only way to a property it does not model; experimental as of 2.15.
                mapped.Patch.Set("$.max_tokens"u8, most);
#pragma warning restore SCME0001
            }
        }

        foreach (var stop in options?.StopSequences ?? [])
        {
            mapped.StopSequences.Add(stop);
        }

        foreach (var tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            mapped.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText())));
        }

        if (mapped.Tools.Count > 0)
        {
            mapped.ToolChoice = options?.ToolMode switch
            {
                NoneChatToolMode => ChatToolChoice.CreateNoneChoice(),
                RequiredChatToolMode { RequiredFunctionName: { } name } => ChatToolChoice.CreateFunctionChoice(name),
                RequiredChatToolMode => ChatToolChoice.CreateRequiredChoice(),
                _ => null,
            };
            mapped.AllowParallelToolCalls = options?.AllowMultipleToolCalls;
        }

        mapped.FrequencyPenalty = options?.FrequencyPenalty;
        mapped.PresencePenalty = options?.PresencePenalty;
        mapped.ResponseFormat = options?.ResponseFormat switch
        {
            ChatResponseFormatJson { Schema: { } schema } json => OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(json.SchemaName ?? "answer", BinaryData.FromString(schema.GetRawText()), json.SchemaDescription, jsonSchemaIsStrict: true),
            ChatResponseFormatJson => OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat(),
            _ => null,
        };

        return mapped;
    }
}
