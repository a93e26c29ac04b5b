namespace ChatSphere.Contracts.Conversations;

public sealed partial record MessageResponse
{
    /// <summary>For answers: what tools were called on the way, in order.</summary>
    public IReadOnlyList<ToolCallResponse> ToolCalls { get; init; } = [];
}

/// <param name="Arguments">As the model wrote them: usually a JSON object, and data in any case.</param>
/// <param name="Result">What the model was given to read; cut when long. Null: the call did not come to an end.</param>
/// <param name="Milliseconds">Without the time that it waited for a person.</param>
/// <param name="Approval"><c>approved</c>, <c>denied</c> or <c>expired</c>; null when nobody was asked.</param>
public sealed record ToolCallResponse(string CallId, string Tool, string Arguments, string? Result, bool IsError, int Milliseconds, string? Approval);

/// <summary>A call waits for the person whose turn it is: <c>POST /v1/turns/{turnId}/tool-calls/{callId}/approve</c> or <c>/deny</c>.</summary>
/// <param name="Arguments">Exactly what would be sent.</param>
/// <param name="Target">Where it goes: method and address, or server; empty when nowhere outside.</param>
/// <param name="Reason">For people: why it asks.</param>
/// <param name="Until">Denied by itself after this.</param>
/// <param name="MayRemember">Whether <c>remember</c> has an effect.</param>
public sealed record ToolApprovalEvent(string CallId, string Name, string Arguments, string Target, string Reason, DateTimeOffset Until, bool MayRemember);

/// <param name="Decision"><c>approved</c>, <c>denied</c> or <c>expired</c>.</param>
public sealed record ToolDecidedEvent(string CallId, string Decision);

/// <param name="Remember">Also for later calls of this tool in this conversation, where the approval said that it may be.</param>
public sealed record ApproveToolCallRequest(bool Remember = false);
