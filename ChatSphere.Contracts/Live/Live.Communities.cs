using ChatSphere.Contracts.Communities;

namespace ChatSphere.Contracts.Live;

public static partial class LiveEventTypes
{
    /// <summary>Data: <see cref="ChannelMessageEvent"/>. A message was written, edited, deleted, reacted to or pinned.</summary>
    public const string ChannelMessage = "channel_message";

    /// <summary>Data: <see cref="ServerChangedEvent"/>. Its name, roles, channels or members, or what I may do there: look at it again.</summary>
    public const string ServerChanged = "server_changed";

    /// <summary>Data: <see cref="ServerLeftEvent"/>. I am no member of it any more.</summary>
    public const string ServerLeft = "server_left";

    /// <summary>Data: <see cref="ChannelReadEvent"/>. I have read a channel, on some device.</summary>
    public const string ChannelRead = "channel_read";
}

/// <param name="Change">The channel's number of this change.</param>
/// <param name="After">The change that was told before this one. If it is newer than what I have, something is missing here: ask for the changes since mine.</param>
public sealed record ChannelMessageEvent(Guid ChannelId, long Change, long After, ChannelMessageResponse Message);

public sealed record ServerChangedEvent(Guid ServerId);

public sealed record ServerLeftEvent(Guid ServerId);

public sealed record ChannelReadEvent(Guid ChannelId, long LastReadSeq);
