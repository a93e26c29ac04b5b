namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn ToolHeaders = new("bots.bot_tools", "sealed_headers", "tools.headers");
    public static readonly SealedColumn ToolServerValues = new("bots.tool_servers", "sealed_values", "tools.server");
    public static readonly SealedColumn ToolCalls = new("conversations.messages", "tool_calls_json", ContentPurposes.ToolCalls, IsContent: true);
}
