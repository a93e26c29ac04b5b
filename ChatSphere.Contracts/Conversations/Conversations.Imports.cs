namespace ChatSphere.Contracts.Conversations;

public sealed partial record ConversationResponse
{
    /// <summary>It was brought in without a bot: it can be continued as it is, or be given one with <c>botId</c>.</summary>
    public bool AwaitsBot { get; init; }
}

public sealed partial record UpdateConversationRequest
{
    /// <summary>Which bot goes on with it from now; only where it <c>awaitsBot</c>.</summary>
    public Guid? BotId { get; init; }
}
