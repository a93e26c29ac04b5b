using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Conversations;

/// <param name="Title">Null: made from the first turn.</param>
public sealed partial record CreateConversationRequest(
    [property: Required] Guid? BotId,
    [property: StringLength(200, MinimumLength = 1)] string? Title = null);

/// <summary>Only what is given changes.</summary>
public sealed partial record UpdateConversationRequest([property: StringLength(200, MinimumLength = 1)] string? Title = null);

/// <param name="BotName">As it is now, or was when the bot was deleted.</param>
/// <param name="ActiveTurnId">The turn being answered right now, if one is.</param>
public sealed partial record ConversationResponse(
    Guid Id, Guid BotId, string BotName, string? Title, Guid? ActiveTurnId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

[JsonConverter(typeof(SnakeCaseEnum<MessageRole>))]
public enum MessageRole
{
    User,
    Assistant,
}

/// <summary>What became of a message. Only <c>generating</c> still changes.</summary>
[JsonConverter(typeof(SnakeCaseEnum<MessageStatus>))]
public enum MessageStatus
{
    Complete,
    Generating,

    /// <summary>Someone stopped it; the text is what had arrived.</summary>
    Stopped,

    /// <summary>The node that wrote it died; the text is what had been kept.</summary>
    Interrupted,
    Failed,
}

/// <param name="Seq">Its number in the conversation, from 1 in the order in which things were said; a branch holds some of them.</param>
/// <param name="TurnId">The turn that asked or answered.</param>
/// <param name="Model">Which model answered; null for what people wrote.</param>
/// <param name="Citations">For answers: each <c>[n]</c> in the text that the server found to be true.</param>
public sealed partial record MessageResponse(
    Guid Id,
    Guid ConversationId,
    Guid TurnId,
    int Seq,
    MessageRole Role,
    MessageStatus Status,
    string Text,
    string? Model,
    IReadOnlyList<CitationResponse> Citations,
    UsageResponse? Usage,
    string? FailureCode,
    string? Reason,
    DateTimeOffset CreatedAt);

/// <summary>A marker <c>[Number]</c> of the answer and the place that it stands for. <c>Quote</c> is verified to be the document's text at <c>Start</c>.</summary>
public sealed partial record CitationResponse(int Number, Guid DocumentId, string DocumentName, int? Page, int Start, int End, string? Heading, string Quote);

/// <param name="InputTokens">As reported by the provider, else estimated.</param>
/// <param name="Estimated">True when the provider reported nothing.</param>
/// <param name="FirstTokenMilliseconds">From the start of the turn to the first text.</param>
public sealed partial record UsageResponse(int InputTokens, int OutputTokens, bool Estimated, int? FirstTokenMilliseconds, int TotalMilliseconds);

/// <param name="Text">What the person says.</param>
public sealed partial record CreateTurnRequest([property: Required, StringLength(32_000, MinimumLength = 1)] string Text);

/// <param name="Id">Of the turn; its events are at <c>Events</c>.</param>
public sealed partial record TurnResponse(Guid Id, Guid ConversationId, Guid UserMessageId, Guid AssistantMessageId, string Events);
