using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Bots;

/// <summary>A list in the shape that OpenAI's clients read.</summary>
/// <param name="Kind">Always <c>list</c>.</param>
public sealed record ModelListResponse([property: JsonPropertyName("object")] string Kind, IReadOnlyList<ModelResponse> Data);

public sealed partial record ModelResponse
{
    /// <summary>Always <c>model</c>, as OpenAI's clients expect.</summary>
    [JsonPropertyName("object")]
    public string Kind { get; init; } = "model";

    /// <summary>The provider, under the name that OpenAI's clients know.</summary>
    [JsonPropertyName("owned_by")]
    public string OwnedBy { get; init; } = "";

    /// <summary>Unix time; 0 where nobody knows.</summary>
    public long Created { get; init; }

    /// <summary>Of a bot (<c>bot:&lt;id&gt;</c>) its name; null of models.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BotName { get; init; }
}
