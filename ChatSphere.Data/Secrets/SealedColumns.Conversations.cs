namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn Folders = new("conversations.folders", "name", ContentPurposes.Title, IsContent: true);
    public static readonly SealedColumn SharedLinks = new("conversations.shared_links", "content", ContentPurposes.Message, IsContent: true);
    public static readonly SealedColumn SharedTitles = new("conversations.shared_links", "title", ContentPurposes.Title, IsContent: true);
    public static readonly SealedColumn Prompts = new("conversations.prompts", "text", ContentPurposes.Message, IsContent: true);
    public static readonly SealedColumn RatingComments = new("conversations.message_ratings", "comment", ContentPurposes.Message, IsContent: true);
}
