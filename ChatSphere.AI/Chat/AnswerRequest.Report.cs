namespace ChatSphere.AI.Chat;

public sealed partial record AnswerRequest
{
    /// <summary>Filled when the prompt is put together; null: nobody wants to know.</summary>
    public PromptReport? Report { get; init; }
}

/// <summary>What of the passages reached the model.</summary>
public sealed class PromptReport
{
    /// <summary>Null before the prompt was put together.</summary>
    public IReadOnlyList<int>? SourceNumbers { get; private set; }

    public int EstimatedTokens { get; private set; }

    internal void Assembled(AnswerPrompt prompt) => (SourceNumbers, EstimatedTokens) = (prompt.SourceNumbers, prompt.EstimatedTokens);
}
