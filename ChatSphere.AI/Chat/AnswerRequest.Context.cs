using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

public sealed partial record AnswerRequest
{
    /// <summary>What the model is told besides: what was said long ago, what is known about the person. Data like the sources, never instructions.</summary>
    public IReadOnlyList<PromptNote> Notes { get; init; } = [];

    /// <summary>Pictures that belong to the question; models that do not see are told that there were some.</summary>
    public IReadOnlyList<PromptImage> Images { get; init; } = [];

    /// <summary>What of the past does not fit, in few words; used only then.</summary>
    public PastSummary? Summary { get; init; }

    /// <summary>What the question means on its own; null: what it says.</summary>
    public string? SearchText { get; init; }
}

/// <param name="Covers">The ids of the messages of the history that it tells of.</param>
/// <param name="Beyond">It tells of more than the history holds.</param>
public sealed record PastSummary(string Text, IReadOnlySet<Guid> Covers, bool Beyond);

/// <param name="Kind">In the prompt's words: <c>summary</c>, <c>about the person</c>, <c>attachment</c>.</param>
/// <param name="MaxTokens">What is beyond is cut off.</param>
public sealed record PromptNote(string Kind, string Text, int MaxTokens = 1_000);

/// <param name="Name">As the person called it.</param>
public sealed record PromptImage(string Name, DataContent Data);
