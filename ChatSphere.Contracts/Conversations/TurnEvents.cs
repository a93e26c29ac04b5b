namespace ChatSphere.Contracts.Conversations;

/// <summary>
/// The names in the <c>event:</c> field of a turn's stream. <c>id:</c> is the event's sequence number, from 1; a reader that comes back sends the last one
/// as <c>Last-Event-ID</c>. Nothing follows <c>done</c> or <c>failed</c>.
/// </summary>
public static class TurnEventNames
{
    public const string Sources = "sources";
    public const string Delta = "delta";
    public const string ToolCall = "tool_call";
    public const string ToolResult = "tool_result";
    public const string ToolApproval = "tool_approval";
    public const string ToolDecided = "tool_decided";
    public const string Switched = "switched";
    public const string Usage = "usage";
    public const string Done = "done";
    public const string Failed = "failed";
}

/// <summary>The numbered passages given to the model.</summary>
public sealed record SourcesEvent(IReadOnlyList<SourceResponse> Sources);

public sealed record SourceResponse(int Number, Guid DocumentId, string DocumentName, int? Page, int Start, int End, string? Heading, string Text);

/// <summary>A piece of the answer.</summary>
/// <param name="Offset">Where the piece starts in the answer, in UTF-16 code units. A reader keeps what it has up to here and puts the piece behind it, so a piece read twice does no harm.</param>
public sealed record DeltaEvent(int Offset, string Text);

public sealed record ToolCallEvent(string CallId, string Name, string Arguments);

public sealed record ToolResultEvent(string CallId, string Name, string Result, bool IsError);

/// <summary>Another model goes on from the text already shown.</summary>
/// <param name="Reason">A stable code: <c>provider_unavailable</c>, <c>provider_broke_off</c>, <c>provider_refused</c>, <c>circuit_open</c>, <c>answer_empty</c> or <c>answer_timeout</c>.</param>
public sealed record SwitchedEvent(string From, string To, string Reason);

public sealed record UsageEvent(string Model, UsageResponse Usage);

/// <summary>The end: the message as it is kept, citations checked.</summary>
public sealed record DoneEvent(MessageResponse Message);

/// <summary>The end: no answer, or only the part that the message holds.</summary>
public sealed record FailedEvent(string Code, string Reason, MessageResponse Message);
