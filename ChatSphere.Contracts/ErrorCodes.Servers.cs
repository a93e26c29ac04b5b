namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>403: only roles and members below one's own highest role; nobody acts on the owner or on themselves.</summary>
    public const string RankTooLow = "rank_too_low";

    /// <summary>403: only the server's owner does this.</summary>
    public const string OwnerOnly = "owner_only";

    /// <summary>409: an owner gives the server to somebody else before leaving.</summary>
    public const string OwnerMustTransfer = "owner_must_transfer";

    /// <summary>409: the list is not what is there now; look again.</summary>
    public const string OrderStale = "order_stale";

    /// <summary>409: after this you could not see or manage the channel yourself.</summary>
    public const string WouldLockOut = "would_lock_out";

    /// <summary>409: the site's moderators closed the server.</summary>
    public const string ServerClosed = "server_closed";
}
