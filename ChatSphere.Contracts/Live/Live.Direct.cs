namespace ChatSphere.Contracts.Live;

public static partial class LiveEventTypes
{
    /// <summary>Data: <see cref="DirectChannelChangedEvent"/>. A direct or group channel of mine is new, called otherwise, or has other people; or I am not in it any more.</summary>
    public const string DirectChannelChanged = "direct_channel_changed";

    /// <summary>Data: <see cref="TypingEvent"/>. Somebody writes in a channel that I look at; it holds for ten seconds.</summary>
    public const string Typing = "typing";
}

public sealed record DirectChannelChangedEvent(Guid ChannelId);

/// <param name="Name">As it is shown in this channel.</param>
public sealed record TypingEvent(Guid ChannelId, Guid AccountId, string Name);
