using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Contracts.Notifications;

[JsonConverter(typeof(SnakeCaseEnum<NotificationKind>))]
public enum NotificationKind
{
    /// <summary>I am named, or a role of mine, or everybody.</summary>
    Mention,

    /// <summary>An answer to a message of mine.</summary>
    Reply,

    /// <summary>A direct or group message.</summary>
    Direct,

    /// <summary>In a thread that I follow.</summary>
    Thread,

    /// <summary>It has one of my words.</summary>
    Keyword,

    /// <summary>In a place of which I want to hear everything.</summary>
    Message,

    /// <summary>Somebody reacted to a message of mine.</summary>
    Reaction,
}

/// <param name="Excerpt">The beginning of the message, as it is now; empty where the server cannot read it.</param>
public sealed record NotificationResponse(
    Guid Id, NotificationKind Kind, Guid? ServerId, string? ServerName, Guid ChannelId, string ChannelName, ChannelKind ChannelKind, Guid MessageId, long Seq, AuthorResponse Author, string Excerpt,
    DateTimeOffset CreatedAt, bool IsRead);

/// <param name="Unread">Of what I may see now; at most 100, which stands for more.</param>
public sealed record NotificationCountResponse(int Unread);

[JsonConverter(typeof(SnakeCaseEnum<NotificationLevel>))]
public enum NotificationLevel
{
    All,

    /// <summary>What concerns me: mentions, answers, threads that I follow, my words.</summary>
    Mentions,
    Nothing,
}

[JsonConverter(typeof(SnakeCaseEnum<DigestRhythm>))]
public enum DigestRhythm
{
    Never,
    Daily,
    Weekly,
}

/// <param name="KindsOff">Kinds that I do not want to hear of at all.</param>
/// <param name="Keywords">Words, or several in a row, that I want to hear of wherever I may read; at most 50 of 2 to 50 characters.</param>
/// <param name="QuietFrom">A time of day, in <c>timeZone</c>; between the two nothing is sent, and the inbox fills quietly. Null: no quiet hours.</param>
/// <param name="TimeZone">IANA name; null: that of the profile, or UTC.</param>
/// <param name="MailsAtOnce">A mail for mentions and direct messages that I have not read after <c>mailAfterMinutes</c>.</param>
/// <param name="Digest">A mail with everything unread.</param>
public sealed record NotificationPreferencesBody(
    [property: Required, MaxLength(7)] IReadOnlyList<NotificationKind> KindsOff,
    [property: Required, MaxLength(50)] IReadOnlyList<string> Keywords,
    TimeOnly? QuietFrom = null,
    TimeOnly? QuietUntil = null,
    [property: StringLength(64)] string? TimeZone = null,
    bool MailsAtOnce = true,
    [property: Range(1, 24 * 60)] int MailAfterMinutes = 15,
    DigestRhythm Digest = DigestRhythm.Never);

/// <param name="Level">Null: as the place around it.</param>
/// <param name="MutedUntil">Nothing until then.</param>
public sealed record PlacePreferenceRequest(NotificationLevel? Level = null, DateTimeOffset? MutedUntil = null);

/// <param name="PlaceId">A server, a channel or a thread.</param>
public sealed record PlacePreferenceResponse(Guid PlaceId, string Name, string? ServerName, NotificationLevel? Level, DateTimeOffset? MutedUntil);
