namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A copy of a branch can be read by whoever has the link. Details: <c>conversationId</c>, <c>expiresAt</c>. Target: the link.</summary>
    public const string ConversationPublished = "conversation.published";

    /// <summary>The link does not work any more. Target: the link.</summary>
    public const string ConversationUnpublished = "conversation.unpublished";
}
