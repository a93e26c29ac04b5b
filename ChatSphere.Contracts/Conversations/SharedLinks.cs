using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Conversations;

/// <param name="ExpiresInDays">Null, and no <c>expiresAt</c>: until it is taken back.</param>
public sealed record ShareConversationRequest([property: Range(1, 3_650)] int? ExpiresInDays = null)
{
    /// <summary>In place of <c>expiresInDays</c>: the moment from which the link leads nowhere, at most ten years ahead.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <param name="Url">The page to send to others. Only in the answer to the request that made it: of its secret nothing is kept but a hash.</param>
public sealed record SharedLinkResponse(Guid Id, Guid ConversationId, string Title, int Messages, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, string? Url = null);

/// <summary>What a link shows: one branch as it was.</summary>
public sealed record SharedConversationResponse(string Title, string BotName, DateTimeOffset SharedAt, IReadOnlyList<SharedMessageResponse> Messages);

/// <param name="Citations">Their quotes as they stood in the answer; nothing else of the documents.</param>
public sealed record SharedMessageResponse(MessageRole Role, string Text, string? Model, DateTimeOffset CreatedAt, IReadOnlyList<SharedCitationResponse> Citations);

public sealed record SharedCitationResponse(int Number, string DocumentName, int? Page, string Quote);
