namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn Memories = new("context.memories", "text", ContentPurposes.Memory, IsContent: true);
    public static readonly SealedColumn Summaries = new("conversations.conversation_summaries", "text", ContentPurposes.Summary, IsContent: true);
}
