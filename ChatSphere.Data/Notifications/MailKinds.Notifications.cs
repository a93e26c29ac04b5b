namespace ChatSphere.Data.Notifications;

public static partial class MailKinds
{
    /// <summary>Somebody named the person or wrote to them, and it was not read. Values: <c>name</c>, <c>count</c>, <c>link</c> to the inbox, <c>stop</c>: the link that ends these mails.</summary>
    public const string UnreadMessages = "unread_messages";

    /// <summary>What is unread, every day or week. Values as above.</summary>
    public const string Digest = "digest";
}
