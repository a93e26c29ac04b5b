using System.Text.Json;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Api.Answering;

/// <summary>The tool calls of an answer whose node died, put together from its events.</summary>
internal sealed class ToolTrail(JsonSerializerOptions json)
{
    private readonly List<ToolCall> _calls = [];

    /// <summary>A call that waited was never made, and nobody will make it.</summary>
    public IReadOnlyList<ToolCall> Calls => _calls;

    public void Follow(string name, string data)
    {
        switch (name)
        {
            case TurnEventNames.ToolCall when Read<ToolCallEvent>(data) is { } call:
                _calls.Add(new ToolCall(call.CallId, call.Name, call.Arguments, null, false, 0, null));
                break;
            case TurnEventNames.ToolApproval when Read<ToolApprovalEvent>(data) is { } asked:
                Change(asked.CallId, c => c with { Approval = "denied" });
                break;
            case TurnEventNames.ToolDecided when Read<ToolDecidedEvent>(data) is { } decided:
                Change(decided.CallId, c => c with { Approval = decided.Decision });
                break;
            case TurnEventNames.ToolResult when Read<ToolResultEvent>(data) is { } result:
                Change(result.CallId, c => c with { Result = result.Result, IsError = result.IsError });
                break;
            default:
                break;
        }
    }

    private T? Read<T>(string data) => JsonSerializer.Deserialize<T>(data, json);

    private void Change(string callId, Func<ToolCall, ToolCall> change)
    {
        if (_calls.FindIndex(c => c.CallId == callId) is >= 0 and var at)
        {
            _calls[at] = change(_calls[at]);
        }
    }
}
