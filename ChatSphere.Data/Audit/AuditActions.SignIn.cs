namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    public const string EmailConfirmed = "account.email_confirmed";

    /// <summary>The old and the new address are in the mails to both, not here.</summary>
    public const string EmailChanged = "account.email_changed";
    public const string EmailChangeRequested = "account.email_change_requested";
    public const string PasswordChanged = "account.password_changed";
    public const string PasswordResetRequested = "account.password_reset_requested";
    public const string PasswordReset = "account.password_reset";

    /// <summary>Details: <c>others</c>, <c>count</c>. Target: the session, or the account when several ended.</summary>
    public const string SessionEnded = "account.session_ended";
}
