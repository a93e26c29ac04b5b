namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>409: the bot has a tool of this name.</summary>
    public const string ToolNameTaken = "tool_name_taken";

    /// <summary>409: the bot has as many tools, or servers, as it may have.</summary>
    public const string TooManyTools = "too_many_tools";

    /// <summary>409: the call was decided already, timed out, or its turn is over.</summary>
    public const string ToolCallDecided = "tool_call_decided";

    /// <summary>400: it is no OpenAPI 3 document in JSON, or cannot be had; the detail says which.</summary>
    public const string OpenApiInvalid = "openapi_invalid";

    /// <summary>400: the MCP server cannot be reached, or does not speak the protocol.</summary>
    public const string ToolServerUnreachable = "tool_server_unreachable";

    /// <summary>409: this deployment starts no programs; the setting <c>Tools:AllowPrograms</c> decides.</summary>
    public const string ToolProgramsOff = "tool_programs_off";
}
