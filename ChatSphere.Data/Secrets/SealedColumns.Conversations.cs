namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn Folders = new("conversations.folders", "name", ContentPurposes.Title, IsContent: true);
    public static readonly SealedColumn RatingComments = new("conversations.message_ratings", "comment", ContentPurposes.Message, IsContent: true);
}
