namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>409: the bot is not shared with you any more; its conversations can be read but not continued.</summary>
    public const string BotUnavailable = "bot_unavailable";

    /// <summary>409: the share is not yours to leave: it is given to a group of yours or to everyone.</summary>
    public const string ShareNotDirect = "share_not_direct";

    /// <summary>409: somebody has this handle, or one that looks like it, or nobody may have it.</summary>
    public const string HandleTaken = "handle_taken";

    /// <summary>400: the picture is not a PNG, JPEG or WebP that we take; the detail says why.</summary>
    public const string AvatarInvalid = "avatar_invalid";
}
