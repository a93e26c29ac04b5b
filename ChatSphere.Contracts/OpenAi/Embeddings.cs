using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.OpenAi;

/// <param name="Input">A string, or up to 256.</param>
/// <param name="Model">The embedding model of this deployment, as an earlier answer or <c>GET /v1/models</c> names it.</param>
/// <param name="EncodingFormat"><c>float</c> or <c>base64</c>.</param>
/// <param name="Dimensions">Only the model's own.</param>
public sealed record EmbeddingRequest(
    [property: JsonPropertyName("input"), Required] JsonElement? Input,
    [property: JsonPropertyName("model"), Required, StringLength(200, MinimumLength = 1)] string? Model,
    [property: JsonPropertyName("encoding_format")] string? EncodingFormat = null,
    [property: JsonPropertyName("dimensions")] int? Dimensions = null);

public sealed record EmbeddingListResponse(
    [property: JsonPropertyName("object")] string Kind,
    [property: JsonPropertyName("data")] IReadOnlyList<EmbeddingResponse> Data,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("usage")] EmbeddingUsage Usage);

/// <param name="Embedding">Numbers, or their little-endian 32-bit floats as base64.</param>
public sealed record EmbeddingResponse(
    [property: JsonPropertyName("object")] string Kind, [property: JsonPropertyName("index")] int Index, [property: JsonPropertyName("embedding")] JsonElement Embedding);

public sealed record EmbeddingUsage([property: JsonPropertyName("prompt_tokens")] int PromptTokens, [property: JsonPropertyName("total_tokens")] int TotalTokens);
