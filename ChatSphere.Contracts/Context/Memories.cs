using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Context;

/// <summary>What becomes of facts about a person that a model notices.</summary>
[JsonConverter(typeof(SnakeCaseEnum<MemoryChoice>))]
public enum MemoryChoice
{
    /// <summary>Nothing is noticed, kept or used.</summary>
    Off,

    /// <summary>Each is proposed first.</summary>
    Ask,
    Automatic,
}

public sealed record MemoryPreferences([property: Required] MemoryChoice? Mode);

/// <param name="Text">One fact, in a sentence.</param>
public sealed record CreateMemoryRequest([property: Required, StringLength(300, MinimumLength = 3)] string Text);

/// <summary>Only what is given changes.</summary>
/// <param name="Keep">True keeps a proposal. To turn one down, delete it.</param>
public sealed record UpdateMemoryRequest([property: StringLength(300, MinimumLength = 3)] string? Text = null, bool? Keep = null);

/// <param name="Kept">False: proposed, and used by nobody yet.</param>
/// <param name="ConversationId">Where it was said; null: written down by the person.</param>
public sealed record MemoryResponse(Guid Id, string Text, bool Kept, Guid? ConversationId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
