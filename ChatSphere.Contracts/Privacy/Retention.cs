using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Privacy;

/// <summary>What grows old. The audit log is not among it: it is kept whole.</summary>
[JsonConverter(typeof(SnakeCaseEnum<RetainedKind>))]
public enum RetainedKind
{
    /// <summary>By their last use, with all their messages.</summary>
    Conversations,

    /// <summary>By their upload, with text, passages and file.</summary>
    Documents,

    /// <summary>Sign-ins that have ended, by their end or last use.</summary>
    EndedSessions,

    /// <summary>That a mail of some kind was sent; its text and address are forgotten when it is sent.</summary>
    SentMails,

    /// <summary>Links and challenges that have been used or have expired.</summary>
    OneTimeTokens,

    /// <summary>Events that could not be handled.</summary>
    DeadLetters,
}

/// <param name="GroupId">Of the members of this group only. Only for conversations and documents.</param>
/// <param name="BotId">Conversations with this bot, or its documents, only. Neither group nor bot: everybody's.</param>
/// <param name="PlaceName">What the group or bot is called.</param>
/// <param name="Days">Older than this is deleted; null: kept until somebody deletes it.</param>
/// <param name="IsDefault">Nobody has set it.</param>
public sealed record RetentionRuleResponse(RetainedKind Kind, Guid? GroupId, int? Days, bool IsDefault, DateTimeOffset? ChangedAt, Guid? BotId = null, string? PlaceName = null);

/// <param name="Days">Null: keep until somebody deletes it; for a group or a bot, the rule is taken away.</param>
/// <param name="BotId">Not together with a group.</param>
public sealed record SetRetentionRequest(RetainedKind Kind, [property: Range(1, 36_500)] int? Days, Guid? GroupId = null, Guid? BotId = null);

/// <param name="Count">What the next round would delete.</param>
/// <param name="Held">What it would leave because of legal holds.</param>
public sealed record RetentionPreviewResponse(RetainedKind Kind, Guid? GroupId, int Days, long Count, long Held, Guid? BotId = null);

/// <summary>What a person has decided about their own data.</summary>
/// <param name="DeleteConversationsAfterDays">Conversations not used for so long are deleted; null: never.</param>
public sealed record OwnRetentionResponse(int? DeleteConversationsAfterDays);

public sealed record SetOwnRetentionRequest([property: Range(1, 3_650)] int? DeleteConversationsAfterDays);

/// <param name="Reason">For example the matter's reference.</param>
public sealed record PlaceHoldRequest(Guid AccountId, [property: Required, StringLength(400, MinimumLength = 3)] string Reason);

public sealed record LegalHoldResponse(Guid Id, Guid AccountId, string AccountName, string Reason, Guid PlacedBy, DateTimeOffset PlacedAt, DateTimeOffset? LiftedAt);
