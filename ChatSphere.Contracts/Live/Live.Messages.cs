using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Live;

public static partial class LiveEventTypes
{
    /// <summary>Data: <see cref="ThreadChangedEvent"/>. A thread of a channel that I see was written in, renamed, put away, opened, locked or deleted.</summary>
    public const string ThreadChanged = "thread_changed";

    /// <summary>Data: <see cref="EmojiChangedEvent"/>. A server's own emoji are others now.</summary>
    public const string EmojiChanged = "emoji_changed";
}

/// <param name="ConnectionId">Of this connection, for <see cref="LookingRequest"/>. Null: there are no servers for who may not see any.</param>
public sealed record ReadyEvent(Guid? ConnectionId);

/// <param name="Messages">The number of its newest message.</param>
public sealed record ThreadChangedEvent(Guid ThreadId, Guid ParentId, string Name, long Messages, DateTimeOffset? LastMessageAt, bool IsArchived, bool IsLocked, bool IsDeleted);

public sealed record EmojiChangedEvent(Guid ServerId);

/// <summary>Which channels are on a connection's screen. Some events are only for those: see their types.</summary>
/// <param name="ConnectionId">From the event <c>ready</c>. Over the hub, call <c>LookAt</c> instead.</param>
public sealed record LookingRequest(Guid ConnectionId, [property: Required, MaxLength(20)] IReadOnlyList<Guid> ChannelIds);
