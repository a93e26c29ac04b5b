namespace ChatSphere.AI.Chat.Tools;

public enum ToolDecision
{
    Approved,
    Denied,

    /// <summary>Nobody answered.</summary>
    Expired,
}

/// <param name="MayRemember">The person may say it for the whole conversation.</param>
public sealed record ToolQuestion(string CallId, ChatTool Tool, string ArgumentsJson, bool MayRemember);

/// <summary>Asks the person whose turn it is, wherever they are. Where there is nobody to ask, a call that would need it does not happen.</summary>
public interface IToolApprovals
{
    /// <summary>The person has said before that this tool may be called in this conversation.</summary>
    Task<bool> IsRememberedAsync(ChatTool tool, CancellationToken cancellationToken);

    /// <summary>Puts the question; null when it cannot be put. Until when an answer counts.</summary>
    Task<DateTimeOffset?> AskAsync(ToolQuestion question, CancellationToken cancellationToken);

    /// <summary>Ends by itself when the time is up.</summary>
    Task<ToolDecision> DecisionAsync(string callId, DateTimeOffset until, CancellationToken cancellationToken);
}
