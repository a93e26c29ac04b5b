namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn GoldenAnswers = new("bots.golden_results", "answer", ContentPurposes.Message, IsContent: true);
    public static readonly SealedColumn TracedSearches = new("conversations.turn_traces", "search_text", ContentPurposes.Message, IsContent: true);
}
