namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Given, or changed to another right. Details as of <see cref="BotShared"/>. Target: the prompt.</summary>
    public const string PromptShared = "prompt.shared";

    /// <summary>Details as of <see cref="BotShared"/>. Target: the prompt.</summary>
    public const string PromptUnshared = "prompt.unshared";

    /// <summary>A program that serves tools was switched on or off. Details: <c>name</c>, <c>enabled</c>.</summary>
    public const string ToolProgramSwitched = "tools.program_switched";
}
