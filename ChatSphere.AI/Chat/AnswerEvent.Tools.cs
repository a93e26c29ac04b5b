using ChatSphere.AI.Chat.Tools;

namespace ChatSphere.AI.Chat;

/// <summary>Between a call and its result: the call waits for the person.</summary>
/// <param name="ArgumentsJson">What would be sent, to the letter.</param>
public sealed record AnswerToolApproval(string CallId, string Name, string ArgumentsJson, string Target, string Reason, DateTimeOffset Until, bool MayRemember) : AnswerEvent;

public sealed record AnswerToolDecided(string CallId, ToolDecision Decision) : AnswerEvent;
