namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>429: the channel is in slow mode; <c>Retry-After</c> says how long to wait.</summary>
    public const string SlowMode = "slow_mode";

    /// <summary>400: no emoji, or none of this server's.</summary>
    public const string EmojiInvalid = "emoji_invalid";

    /// <summary>409: the poll is over.</summary>
    public const string PollClosed = "poll_closed";

    /// <summary>409: a thread has begun with this message already.</summary>
    public const string ThreadExists = "thread_exists";
}
