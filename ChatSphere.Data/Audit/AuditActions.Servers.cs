namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Somebody else owns it now. Details: <c>from</c>, <c>to</c>. Target: the server.</summary>
    public const string ServerTransferred = "server.transferred";

    /// <summary>By its owner; it can be taken back for some days. Target: the server.</summary>
    public const string ServerDeleted = "server.deleted";

    /// <summary>Its owner took it back. Target: the server.</summary>
    public const string ServerRestored = "server.restored";

    /// <summary>By a moderator of the site, with a reason. Target: the server.</summary>
    public const string ServerClosed = "server.closed";

    /// <summary>By a moderator of the site. Target: the server.</summary>
    public const string ServerReopened = "server.reopened";
}
