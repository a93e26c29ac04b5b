namespace ChatSphere.Data.Notifications;

public static partial class MailKinds
{
    /// <summary>Somebody wanted to register with an address that has an account.</summary>
    public const string AccountExists = "account_exists";
}
