namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>403: a right in this server or channel is missing; <c>right</c> names it.</summary>
    public const string RightMissing = "right_missing";

    /// <summary>409: this nonce was used for another message of yours in this channel.</summary>
    public const string NonceReused = "nonce_reused";

    /// <summary>403: you may not come back to this server.</summary>
    public const string Banned = "banned";

    /// <summary>409: the thread is put away or locked.</summary>
    public const string ThreadClosed = "thread_closed";
}
