namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn ChannelMessages = new("communities.messages", "content", ContentPurposes.ChannelMessage, IsContent: true);
}
