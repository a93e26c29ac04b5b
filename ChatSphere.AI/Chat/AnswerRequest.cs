using ChatSphere.AI.Knowledge;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

/// <summary>All that a model needs to know to answer one turn. The caller has already decided what the asker may see; nothing here is filtered again.</summary>
public sealed partial record AnswerRequest
{
    public required Guid TurnId { get; init; }

    /// <summary>Who asks: whose keys and allowances count.</summary>
    public Guid? AskerId { get; init; }

    public Guid? BotId { get; init; }

    /// <summary>What the bot's owner wrote; may be empty.</summary>
    public required string Instructions { get; init; }

    /// <summary>Null: the default model.</summary>
    public string? Model { get; init; }

    /// <summary>Asked in this order after <see cref="Model"/>, before <c>AI:Fallback</c>.</summary>
    public IReadOnlyList<string> Fallback { get; init; } = [];

    public double? Temperature { get; init; }

    /// <summary>Oldest first, without the question.</summary>
    public IReadOnlyList<PastMessage> History { get; init; } = [];

    public required string Question { get; init; }

    /// <summary>Best first. The passage at index i is source number i + 1, in the prompt and in the citations.</summary>
    public IReadOnlyList<RetrievedPassage> Passages { get; init; } = [];

    public IReadOnlyList<AITool> Tools { get; init; } = [];
}

public enum PastRole
{
    User,
    Assistant,
}

public sealed record PastMessage(PastRole Role, string Text)
{
    /// <summary>Null where nothing is kept.</summary>
    public Guid? Id { get; init; }

    public int Seq { get; init; }
}
