using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Conversations;

/// <param name="ExpiresInDays">Null: until it is taken back.</param>
public sealed record ShareConversationRequest([property: Range(1, 3_650)] int? ExpiresInDays = null);

/// <param name="Url">The page to send to others. Only in the answer to the request that made it: of its secret nothing is kept but a hash.</param>
public sealed record SharedLinkResponse(Guid Id, Guid ConversationId, string Title, int Messages, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string? Url = null);

/// <summary>What a link shows: one branch as it was.</summary>
public sealed record SharedConversationResponse(string Title, string BotName, DateTimeOffset SharedAt, IReadOnlyList<SharedMessageResponse> Messages);

/// <param name="Citations">Their quotes as they stood in the answer; nothing else of the documents.</param>
public sealed record SharedMessageResponse(MessageRole Role, string Text, string? Model, DateTimeOffset CreatedAt, IReadOnlyList<SharedCitationResponse> Citations);

public sealed record SharedCitationResponse(int Number, string DocumentName, int? Page, string Quote);
