using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Web.Components.Pages.Tools;

/// <param name="Asked">Set while the call waits for the person.</param>
public sealed record ToolStep(string CallId, string Tool, string Arguments, string? Result = null, bool IsError = false, int? Milliseconds = null, string? Approval = null, ToolApprovalEvent? Asked = null);

/// <summary>The tool calls of an answer: while it is written from its events, afterwards from the message.</summary>
public sealed class ToolLog
{
    private readonly List<ToolStep> steps = [];

    public IReadOnlyList<ToolStep> Steps => steps;

    public void Replace(MessageResponse message)
    {
        steps.Clear();
        steps.AddRange(message.ToolCalls.Select(c => new ToolStep(c.CallId, c.Tool, c.Arguments, c.Result, c.IsError, c.Milliseconds, c.Approval)));
    }

    /// <summary>An event read twice does no harm.</summary>
    /// <returns>Whether it was one about tools.</returns>
    public bool Apply(object turnEvent)
    {
        switch (turnEvent)
        {
            case ToolCallEvent call:
                steps.RemoveAll(s => s.CallId == call.CallId);
                steps.Add(new ToolStep(call.CallId, call.Name, call.Arguments));
                return true;
            case ToolApprovalEvent asked:
                Change(asked.CallId, s => s with { Asked = asked, Arguments = asked.Arguments });
                return true;
            case ToolDecidedEvent decided:
                Change(decided.CallId, s => s with { Asked = null, Approval = decided.Decision });
                return true;
            case ToolResultEvent result:
                Change(result.CallId, s => s with { Asked = null, Result = result.Result, IsError = result.IsError });
                return true;
            default:
                return false;
        }
    }

    private void Change(string callId, Func<ToolStep, ToolStep> change)
    {
        if (steps.FindIndex(s => s.CallId == callId) is >= 0 and var at)
        {
            steps[at] = change(steps[at]);
        }
    }
}
