using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.OpenAi;

/// <summary>What OpenAI's clients send to <c>/v1/chat/completions</c>, as far as it means something here. Members that are not listed are ignored.</summary>
/// <param name="Model">A model of <c>GET /v1/models</c>, or <c>bot:&lt;id&gt;</c>.</param>
/// <param name="Messages">Oldest first. Of a bot the last one is the question, and the bot's own instructions stand above those of the caller.</param>
/// <param name="N">Only 1.</param>
/// <param name="Stop">A string, or up to four.</param>
/// <param name="Tools">Functions that the caller runs. Not with bots, which have tools of their own.</param>
/// <param name="ToolChoice"><c>none</c>, <c>auto</c>, <c>required</c>, or one function.</param>
public sealed record ChatCompletionRequest(
    [property: JsonPropertyName("model"), Required, StringLength(200, MinimumLength = 1)] string? Model,
    [property: JsonPropertyName("messages"), Required, MinLength(1), MaxLength(2_000)] IReadOnlyList<ChatCompletionMessage>? Messages,
    [property: JsonPropertyName("stream")] bool? Stream = null,
    [property: JsonPropertyName("stream_options")] ChatCompletionStreamOptions? StreamOptions = null,
    [property: JsonPropertyName("temperature"), Range(0d, 2d)] double? Temperature = null,
    [property: JsonPropertyName("top_p"), Range(0d, 1d)] double? TopP = null,
    [property: JsonPropertyName("frequency_penalty"), Range(-2d, 2d)] double? FrequencyPenalty = null,
    [property: JsonPropertyName("presence_penalty"), Range(-2d, 2d)] double? PresencePenalty = null,
    [property: JsonPropertyName("max_tokens"), Range(1, 1_000_000)] int? MaxTokens = null,
    [property: JsonPropertyName("max_completion_tokens"), Range(1, 1_000_000)] int? MaxCompletionTokens = null,
    [property: JsonPropertyName("n")] int? N = null,
    [property: JsonPropertyName("seed")] long? Seed = null,
    [property: JsonPropertyName("stop")] JsonElement? Stop = null,
    [property: JsonPropertyName("tools"), MaxLength(128)] IReadOnlyList<ChatCompletionTool>? Tools = null,
    [property: JsonPropertyName("tool_choice")] JsonElement? ToolChoice = null,
    [property: JsonPropertyName("parallel_tool_calls")] bool? ParallelToolCalls = null,
    [property: JsonPropertyName("response_format")] ChatCompletionResponseFormat? ResponseFormat = null);

/// <param name="Role"><c>system</c>, <c>developer</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">A string, or parts of the types <c>text</c> and <c>image_url</c> (with a <c>data:</c> address: nothing is fetched).</param>
public sealed record ChatCompletionMessage(
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("content")] JsonElement? Content = null,
    [property: JsonPropertyName("tool_calls")] IReadOnlyList<ChatCompletionToolCall>? ToolCalls = null,
    [property: JsonPropertyName("tool_call_id")] string? ToolCallId = null);

public sealed record ChatCompletionToolCall(
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("function")] ChatCompletionFunctionCall? Function,
    [property: JsonPropertyName("index"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Index = null);

/// <param name="Arguments">JSON as the model wrote it.</param>
public sealed record ChatCompletionFunctionCall([property: JsonPropertyName("name")] string? Name, [property: JsonPropertyName("arguments")] string? Arguments);

public sealed record ChatCompletionTool([property: JsonPropertyName("type")] string? Type, [property: JsonPropertyName("function")] ChatCompletionFunction? Function);

/// <param name="Parameters">JSON Schema of an object.</param>
public sealed record ChatCompletionFunction(
    [property: JsonPropertyName("name")] string? Name, [property: JsonPropertyName("description")] string? Description = null, [property: JsonPropertyName("parameters")] JsonElement? Parameters = null);

/// <param name="IncludeUsage">A last chunk with <c>usage</c> and no choices.</param>
public sealed record ChatCompletionStreamOptions([property: JsonPropertyName("include_usage")] bool? IncludeUsage = null);

/// <param name="Type"><c>text</c>, <c>json_object</c> or <c>json_schema</c>.</param>
public sealed record ChatCompletionResponseFormat(
    [property: JsonPropertyName("type")] string? Type, [property: JsonPropertyName("json_schema")] ChatCompletionJsonSchema? JsonSchema = null);

public sealed record ChatCompletionJsonSchema(
    [property: JsonPropertyName("name")] string? Name, [property: JsonPropertyName("description")] string? Description = null, [property: JsonPropertyName("schema")] JsonElement? Schema = null);

/// <param name="Model">The model that answered, which after a failure is not the one asked for; of bots <c>bot:&lt;id&gt;</c>.</param>
public sealed record ChatCompletionResponse(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Kind,
    [property: JsonPropertyName("created")] long Created,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("choices")] IReadOnlyList<ChatCompletionChoice> Choices,
    [property: JsonPropertyName("usage"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatCompletionUsage? Usage = null);

/// <param name="Message">Of the whole answer; <c>delta</c> in a stream.</param>
public sealed record ChatCompletionChoice(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("message"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatCompletionAnswer? Message,
    [property: JsonPropertyName("delta"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatCompletionAnswer? Delta,
    [property: JsonPropertyName("finish_reason")] string? FinishReason);

/// <param name="Citations">Not in OpenAI's API: of bots, each <c>[n]</c> in the text that the server found to be true. In a stream with the last piece.</param>
public sealed record ChatCompletionAnswer(
    [property: JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content,
    [property: JsonPropertyName("tool_calls"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ChatCompletionToolCall>? ToolCalls = null,
    [property: JsonPropertyName("citations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Conversations.CitationResponse>? Citations = null);

public sealed record ChatCompletionUsage(
    [property: JsonPropertyName("prompt_tokens")] int PromptTokens, [property: JsonPropertyName("completion_tokens")] int CompletionTokens, [property: JsonPropertyName("total_tokens")] int TotalTokens);
