using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.OpenAi;

/// <summary>What OpenAI's clients send to <c>/v1/responses</c>, as far as it means something here. Nothing is kept, so <c>previous_response_id</c> is refused.</summary>
/// <param name="Model">A model of <c>GET /v1/models</c>, or <c>bot:&lt;id&gt;</c>.</param>
/// <param name="Input">A string, or items: messages, <c>function_call</c>, <c>function_call_output</c>.</param>
/// <param name="Tools">Functions that the caller runs. Not with bots.</param>
public sealed record CreateResponseRequest(
    [property: JsonPropertyName("model"), Required, StringLength(200, MinimumLength = 1)] string? Model,
    [property: JsonPropertyName("input"), Required] JsonElement? Input,
    [property: JsonPropertyName("instructions")] string? Instructions = null,
    [property: JsonPropertyName("stream")] bool? Stream = null,
    [property: JsonPropertyName("temperature"), Range(0d, 2d)] double? Temperature = null,
    [property: JsonPropertyName("top_p"), Range(0d, 1d)] double? TopP = null,
    [property: JsonPropertyName("max_output_tokens"), Range(1, 1_000_000)] int? MaxOutputTokens = null,
    [property: JsonPropertyName("previous_response_id")] string? PreviousResponseId = null,
    [property: JsonPropertyName("background")] bool? Background = null,
    [property: JsonPropertyName("tools"), MaxLength(128)] IReadOnlyList<ResponseTool>? Tools = null,
    [property: JsonPropertyName("tool_choice")] JsonElement? ToolChoice = null,
    [property: JsonPropertyName("parallel_tool_calls")] bool? ParallelToolCalls = null,
    [property: JsonPropertyName("text")] ResponseTextOptions? Text = null);

public sealed record ResponseTool(
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("description")] string? Description = null,
    [property: JsonPropertyName("parameters")] JsonElement? Parameters = null);

public sealed record ResponseTextOptions([property: JsonPropertyName("format")] ResponseTextFormat? Format = null);

/// <param name="Type"><c>text</c>, <c>json_object</c> or <c>json_schema</c>.</param>
public sealed record ResponseTextFormat(
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("description")] string? Description = null,
    [property: JsonPropertyName("schema")] JsonElement? Schema = null);

/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>incomplete</c> or <c>failed</c>.</param>
public sealed record ResponseBody(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Kind,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("output")] IReadOnlyList<ResponseItem> Output,
    [property: JsonPropertyName("usage")] ResponseUsage? Usage,
    [property: JsonPropertyName("error")] ResponseError? Error,
    [property: JsonPropertyName("incomplete_details")] ResponseIncomplete? IncompleteDetails)
{
    [JsonPropertyName("parallel_tool_calls")]
    public bool ParallelToolCalls { get; init; } = true;

    [JsonPropertyName("tool_choice")]
    public string ToolChoice { get; init; } = "auto";

    [JsonPropertyName("tools")]
    public IReadOnlyList<ResponseTool> Tools { get; init; } = [];

    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <param name="Type"><c>message</c> or <c>function_call</c>.</param>
public sealed record ResponseItem(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role = null,
    [property: JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ResponseContent>? Content = null,
    [property: JsonPropertyName("call_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CallId = null,
    [property: JsonPropertyName("name"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonPropertyName("arguments"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Arguments = null);

/// <param name="Type">Always <c>output_text</c>.</param>
/// <param name="Citations">Not in OpenAI's API: of bots, each <c>[n]</c> in the text that the server found to be true.</param>
public sealed record ResponseContent(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("annotations")] IReadOnlyList<object> Annotations,
    [property: JsonPropertyName("citations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Conversations.CitationResponse>? Citations = null);

public sealed record ResponseUsage(
    [property: JsonPropertyName("input_tokens")] int InputTokens, [property: JsonPropertyName("output_tokens")] int OutputTokens, [property: JsonPropertyName("total_tokens")] int TotalTokens)
{
    [JsonPropertyName("input_tokens_details")]
    public IReadOnlyDictionary<string, int> InputDetails { get; init; } = new Dictionary<string, int> { ["cached_tokens"] = 0 };

    [JsonPropertyName("output_tokens_details")]
    public IReadOnlyDictionary<string, int> OutputDetails { get; init; } = new Dictionary<string, int> { ["reasoning_tokens"] = 0 };
}

public sealed record ResponseError([property: JsonPropertyName("code")] string Code, [property: JsonPropertyName("message")] string Message);

public sealed record ResponseIncomplete([property: JsonPropertyName("reason")] string Reason);
