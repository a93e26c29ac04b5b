namespace ChatSphere.Data.Notifications;

public static partial class MailKinds
{
    /// <summary>Somebody made an account for them: <c>name</c>, <c>link</c> to set a password, <c>days</c> that it works.</summary>
    public const string Invitation = "invitation";
}
