using System.Text;
using System.Text.Json;

namespace ChatSphere.Benchmarks.MockModels;

/// <summary>A chat completion request as far as the mock looks at it.</summary>
internal sealed class ChatCall
{
    private readonly List<(string Role, string Text)> messages = [];

    public ChatCall(JsonElement body)
    {
        Model = Text(body, "model") ?? "";
        Stream = body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
        MaxTokens = Number(body, "max_completion_tokens") ?? Number(body, "max_tokens");
        if (body.TryGetProperty("messages", out var given) && given.ValueKind == JsonValueKind.Array)
        {
            foreach (var message in given.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object))
            {
                messages.Add((Text(message, "role") ?? "", message.TryGetProperty("content", out var content) ? Plain(content) : ""));
            }
        }

        var lastUser = messages.FindLastIndex(m => m.Role == "user");
        LastUserText = lastUser < 0 ? "" : messages[lastUser].Text;
        LastToolResult = messages.Skip(lastUser + 1).LastOrDefault(m => m.Role == "tool").Text;
        ToolResults = messages.Skip(lastUser + 1).Count(m => m.Role == "tool");
        (ToolName, ToolSchema) = FirstTool(body);
        Schema = body.TryGetProperty("response_format", out var format) && format.TryGetProperty("json_schema", out var wrapper) && wrapper.TryGetProperty("schema", out var schema)
            ? schema
            : null;
        WantsJson = Schema is not null || (format.ValueKind == JsonValueKind.Object && Text(format, "type") == "json_object");
    }

    public string Model { get; }

    public bool Stream { get; }

    public int? MaxTokens { get; }

    public string LastUserText { get; }

    /// <summary>What the tool answered to the last user message; null when none did yet.</summary>
    public string? LastToolResult { get; }

    /// <summary>How many tools have answered since.</summary>
    public int ToolResults { get; }

    public string? ToolName { get; }

    public JsonElement? ToolSchema { get; }

    public bool WantsJson { get; }

    public JsonElement? Schema { get; }

    public int PromptTokens => messages.Sum(m => m.Text.Length) / 4;

    public string SystemText => string.Join('\n', messages.Where(m => m.Role == "system").Select(m => m.Text));

    public string AllText => string.Join('\n', messages.Select(m => m.Text));

    private static (string? Name, JsonElement? Schema) FirstTool(JsonElement body)
    {
        if (!body.TryGetProperty("tools", out var tools) || tools.ValueKind != JsonValueKind.Array || Text(body, "tool_choice") == "none")
        {
            return default;
        }

        var wanted = body.TryGetProperty("tool_choice", out var choice) && choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("function", out var named) ? Text(named, "name") : null;
        foreach (var tool in tools.EnumerateArray())
        {
            if (tool.TryGetProperty("function", out var function) && Text(function, "name") is { } name && (wanted is null || wanted == name))
            {
                return (name, function.TryGetProperty("parameters", out var parameters) ? parameters : null);
            }
        }

        return default;
    }

    private static string Plain(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return content.GetString()!;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Object))
        {
            text.Append(Text(part, "text"));
        }

        return text.ToString();
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
