namespace ChatSphere.Contracts.Conversations;

/// <summary>One model on the way to an answer: asked, or passed over.</summary>
/// <param name="Connection">The name of the connection that it was asked through; null when it was passed over.</param>
/// <param name="Outcome">
/// <c>answered</c>; why it failed (<c>provider_unavailable</c>, <c>provider_broke_off</c>, <c>provider_refused</c>, <c>circuit_open</c>, <c>answer_empty</c>, <c>answer_timeout</c>);
/// <c>outrun</c> by another that was asked because it was slow to start; <c>cancelled</c>; or why it was passed over (<c>lacks_tools</c>, <c>lacks_vision</c>, <c>lacks_json</c>,
/// <c>context_too_small</c>, <c>not_in_plan</c>, <c>not_allowed</c>, <c>disabled</c>).
/// </param>
/// <param name="Milliseconds">From asking it to its end.</param>
/// <param name="OwnKey">With a key of the asker's own.</param>
public sealed record RouteStepResponse(string Model, string? Connection, string Outcome, int Milliseconds, int InputTokens, int OutputTokens, bool OwnKey);

public sealed partial record MessageResponse
{
    /// <summary>Which models were asked for this answer, in order, and what became of each; null before it ended and for what people wrote.</summary>
    public IReadOnlyList<RouteStepResponse>? Route { get; init; }
}
