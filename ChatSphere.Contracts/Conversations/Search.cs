namespace ChatSphere.Contracts.Conversations;

/// <param name="Excerpt">The words around what was found.</param>
/// <param name="Matches">Where in the excerpt the words stand, in UTF-16 code units.</param>
public sealed record FoundMessageResponse(Guid MessageId, Guid ConversationId, string? Title, string BotName, MessageRole Role, string Excerpt, IReadOnlyList<MatchRange> Matches, DateTimeOffset CreatedAt);

public sealed record MatchRange(int Start, int End);
