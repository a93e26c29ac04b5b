using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>One call of a tool on the way to an answer, as it was shown.</summary>
/// <param name="Arguments">As the model wrote them; cut when very long.</param>
/// <param name="Result">Null: the call did not end.</param>
/// <param name="Milliseconds">Without the time that it waited for a person.</param>
/// <param name="Approval"><c>approved</c>, <c>denied</c>, <c>expired</c>; null when nobody was asked.</param>
public sealed record ToolCall(string CallId, string Tool, string Arguments, string? Result, bool IsError, int Milliseconds, string? Approval);

public sealed partial class Message
{
    private IReadOnlyList<ToolCall>? _toolCalls;

    /// <summary>One text rather than rows or columns: it is read whole, with the message, and sealed as one.</summary>
    internal string? ToolCallsJson { get; private set; }

    public IReadOnlyList<ToolCall> ToolCalls
    {
        get => _toolCalls ??= ToolCallsJson is null ? [] : JsonSerializer.Deserialize<List<ToolCall>>(ToolCallsJson, JsonSerializerOptions.Web) ?? [];
        set
        {
            _toolCalls = value;
            ToolCallsJson = Json(value);
        }
    }

    /// <summary>As it is kept; null for none.</summary>
    public static string? Json(IReadOnlyList<ToolCall> calls) => calls.Count == 0 ? null : JsonSerializer.Serialize(calls, JsonSerializerOptions.Web);

    internal sealed class ToolCallsMapping : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> builder)
        {
            builder.Ignore(m => m.ToolCalls);
            builder.Property(m => m.ToolCallsJson);
        }
    }
}
