namespace ChatSphere.AI.Chat;

public sealed partial record AnswerRequest
{
    /// <summary>What the reader has already: the answer goes on from here. The deltas are what comes behind it.</summary>
    public string Shown { get; init; } = "";
}
