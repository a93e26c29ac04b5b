namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn ChannelMessageParts = new("communities.messages", "parts_json", ContentPurposes.ChannelMessage, IsContent: true);
    public static readonly SealedColumn ChannelMessageEdits = new("communities.message_edits", "content", ContentPurposes.ChannelMessage, IsContent: true);
}
