using ChatSphere.AI.Chat.Tools;

namespace ChatSphere.AI.Chat;

public sealed partial record AnswerRequest
{
    /// <summary>Null: nobody can be asked.</summary>
    public IToolApprovals? Approvals { get; init; }

    /// <summary>The prompt holds text of others beside passages and history, such as a file that came with the question: calls to the outside are looked at accordingly.</summary>
    public bool HoldsOthersText { get; init; }
}
