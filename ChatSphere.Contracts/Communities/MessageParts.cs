using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Communities;

public sealed partial record PostMessageRequest
{
    /// <summary>What I have uploaded to this channel and not sent yet. With attachments or a poll, the text may be empty.</summary>
    [MaxLength(10)]
    public IReadOnlyList<Guid>? AttachmentIds { get; init; }

    public CreatePollRequest? Poll { get; init; }
}

/// <param name="EndsInMinutes">At most 32 days.</param>
public sealed record CreatePollRequest(
    [property: Required, StringLength(300, MinimumLength = 1)] string Question,
    [property: Required, MinLength(2), MaxLength(10)] IReadOnlyList<string> Options,
    bool AllowsSeveral = false,
    [property: Range(1, 32 * 24 * 60)] int EndsInMinutes = 24 * 60);

public sealed partial record ChannelMessageResponse
{
    /// <summary>Names for those whom the text names and who may be named here. Whether they were called is in <c>mentionedAccounts</c> and <c>mentionedRoles</c>.</summary>
    public IReadOnlyList<MentionResponse> Mentions { get; init; } = [];

    /// <summary>The message that this answers, as it is now.</summary>
    public ReplyPreviewResponse? ReplyTo { get; init; }
    public IReadOnlyList<ChannelAttachmentResponse> Attachments { get; init; } = [];

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<ReactionResponse> Reactions { get; init; } = [];
    public PollResponse? Poll { get; init; }

    /// <summary>Written elsewhere and brought here. Where that was, <c>GET …/origin</c> tells whoever may see it.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>The thread that began here.</summary>
    public ThreadSummaryResponse? Thread { get; init; }
}

[JsonConverter(typeof(SnakeCaseEnum<MentionKind>))]
public enum MentionKind
{
    Person,
    Bot,
    Role,
}

/// <param name="Color">Of a role: 0xRRGGBB.</param>
public sealed record MentionResponse(Guid Id, MentionKind Kind, string Name, int? Color);

/// <param name="Content">The beginning; empty when it was deleted.</param>
public sealed record ReplyPreviewResponse(Guid Id, long Seq, AuthorResponse Author, string Content, bool IsDeleted);

/// <summary>Its bytes are at <c>GET /v1/channels/{channelId}/attachments/{id}</c>.</summary>
/// <param name="IsImage">May be shown; everything else is only downloaded.</param>
public sealed record ChannelAttachmentResponse(Guid Id, bool IsImage, string Name, string ContentType, long Size, int? Width, int? Height);

/// <param name="Attachments">In the order in which they came.</param>
public sealed record UploadChannelAttachmentsResponse(IReadOnlyList<ChannelAttachmentResponse> Attachments);

/// <param name="Emoji">A Unicode emoji, or the id of one of the server's own.</param>
/// <param name="Name">Of the server's own.</param>
/// <param name="AccountIds">Those who did so first, at most 10.</param>
public sealed record ReactionResponse(string Emoji, string? Name, int Count, IReadOnlyList<Guid> AccountIds);

/// <param name="ReactedAt">When.</param>
public sealed record ReactedResponse(Guid AccountId, string Name, string? AvatarVersion, DateTimeOffset ReactedAt);

/// <param name="Emoji">Mine, of one message.</param>
public sealed record MyReactionsResponse(Guid MessageId, IReadOnlyList<string> Emoji);

/// <param name="EndsAt">From then on nobody votes.</param>
/// <param name="Voters">How many people voted.</param>
public sealed record PollResponse(string Question, IReadOnlyList<PollOptionResponse> Options, bool AllowsSeveral, DateTimeOffset EndsAt, bool IsClosed, int Voters);

public sealed record PollOptionResponse(int Id, string Text, int Votes);

/// <param name="Options">The ids of what I choose; none: I take my vote back.</param>
public sealed record VoteRequest([property: Required, MaxLength(10)] IReadOnlyList<int> Options);

public sealed record MyVoteResponse(IReadOnlyList<int> Options);

public sealed record EditMessageRequest([property: Required(AllowEmptyStrings = true), StringLength(8_000)] string Content);

public sealed record DeleteMessagesRequest([property: Required, MinLength(2), MaxLength(200)] IReadOnlyList<Guid> MessageIds);

/// <param name="WrittenAt">When this was written.</param>
/// <param name="ReplacedAt">When something else was put in its place.</param>
public sealed record MessageEditResponse(string Content, DateTimeOffset WrittenAt, DateTimeOffset ReplacedAt);

/// <param name="ToChannelId">A channel that I may write in.</param>
public sealed record ForwardMessageRequest(Guid ToChannelId, [property: StringLength(64, MinimumLength = 1)] string? Nonce = null);

public sealed record MessageOriginResponse(Guid ChannelId, Guid MessageId, long Seq);

/// <param name="ImageVersion">Changes with the picture, which is at <c>GET /v1/servers/{serverId}/emoji/{id}/image</c>.</param>
public sealed record ServerEmojiResponse(Guid Id, Guid ServerId, string Name, int Width, int Height, string ImageVersion, Guid CreatedBy, DateTimeOffset CreatedAt);

/// <param name="Messages">How many were written in it.</param>
public sealed record ThreadSummaryResponse(Guid Id, string Name, long Messages, DateTimeOffset? LastMessageAt, bool IsArchived, bool IsLocked);

/// <param name="MessageId">The message that it begins with; null: with none.</param>
/// <param name="Content">Its first message; null: none yet.</param>
public sealed record CreateThreadRequest(
    [property: Required, StringLength(100, MinimumLength = 1)] string Name,
    Guid? MessageId = null,
    [property: StringLength(8_000)] string? Content = null,
    [property: Range(60, 7 * 24 * 60)] int AutoArchiveMinutes = 3 * 24 * 60);

/// <summary>What is left out stays as it is.</summary>
public sealed record UpdateThreadRequest(
    [property: StringLength(100, MinimumLength = 1)] string? Name = null,
    bool? IsArchived = null,
    bool? IsLocked = null,
    [property: Range(60, 7 * 24 * 60)] int? AutoArchiveMinutes = null);

/// <param name="ParentId">The channel that it is in.</param>
/// <param name="IsArchived">Put away: whoever writes opens it again.</param>
/// <param name="IsLocked">Only who manages threads writes.</param>
/// <param name="Messages">The number of its newest message; what is unread is this less <paramref name="LastReadSeq"/>.</param>
public sealed record ThreadResponse(
    Guid Id, Guid ServerId, Guid ParentId, Guid? StarterMessageId, string Name, Guid CreatedBy, DateTimeOffset CreatedAt, bool IsArchived, bool IsLocked, int AutoArchiveMinutes,
    long Messages, DateTimeOffset? LastMessageAt, bool IsFollowed, long LastReadSeq);
