namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A program that the Api starts as an MCP server. Details: <c>name</c>, <c>command</c>.</summary>
    public const string ToolProgramAdded = "tools.program_added";

    /// <summary>Details: <c>name</c>.</summary>
    public const string ToolProgramRemoved = "tools.program_removed";
}
