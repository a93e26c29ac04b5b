using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Communities;

/// <param name="Content">Markdown; at most 4,000 code points. <c>&lt;@id&gt;</c> mentions a person or a bot, <c>&lt;@&amp;id&gt;</c> a role, <c>&lt;#id&gt;</c> a channel.</param>
/// <param name="Nonce">One's own word for this message. Sent again with the same body, the first message is the answer (200 in place of 201); with another body, 409.</param>
public sealed partial record PostMessageRequest(
    [property: Required(AllowEmptyStrings = true), StringLength(8_000)] string Content,
    [property: StringLength(64, MinimumLength = 1)] string? Nonce = null,
    Guid? ReplyToId = null);

[JsonConverter(typeof(SnakeCaseEnum<AuthorKind>))]
public enum AuthorKind
{
    Person,
    Bot,
    Webhook,
    Imported,
}

[JsonConverter(typeof(SnakeCaseEnum<ChannelMessageKind>))]
public enum ChannelMessageKind
{
    Text,
    Joined,
    Pinned,
    ThreadStarted,
}

/// <param name="Name">The nickname in this server, or the name.</param>
/// <param name="AvatarVersion">Null: no picture.</param>
public sealed partial record AuthorResponse(Guid Id, AuthorKind Kind, string Name, string? AvatarVersion);

/// <summary>One message as everybody in its channel sees it: nothing in it depends on the reader.</summary>
/// <param name="Seq">In its channel, from 1 without gaps.</param>
/// <param name="Change">The channel's number of the last change to it.</param>
/// <param name="Content">Empty when it was deleted.</param>
public sealed partial record ChannelMessageResponse(
    Guid Id, Guid ChannelId, Guid? ServerId, long Seq, long Change, ChannelMessageKind Kind, AuthorResponse Author, string Content, string? Nonce, Guid? ReplyToId,
    IReadOnlyList<Guid> MentionedAccounts, IReadOnlyList<Guid> MentionedRoles, bool MentionsEveryone, bool IsPinned, DateTimeOffset CreatedAt, DateTimeOffset? EditedAt, DateTimeOffset? DeletedAt);

/// <summary>What became of a channel's messages since a change.</summary>
/// <param name="Messages">As they are now, by their last change. A message that was changed twice is here once.</param>
/// <param name="LastChange">Go on from here.</param>
/// <param name="Resync">There was more than can be told: take the newest page of the history instead.</param>
public sealed record ChannelChangesResponse(IReadOnlyList<ChannelMessageResponse> Messages, long LastChange, bool Resync);

public sealed record MarkReadRequest([property: Range(0, long.MaxValue)] long Seq);
