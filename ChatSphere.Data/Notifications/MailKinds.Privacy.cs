namespace ChatSphere.Data.Notifications;

public static partial class MailKinds
{
    /// <summary>Values: <c>name</c>, <c>link</c> (cancels it), <c>due</c> (a date).</summary>
    public const string ErasureRequested = "erasure_requested";

    /// <summary>Values: <c>name</c>.</summary>
    public const string ErasureCancelled = "erasure_cancelled";

    /// <summary>To an address that we do not have any more when it is sent. Values: none.</summary>
    public const string AccountErased = "account_erased";
}
