using System.Text.Json;
using ChatSphere.Contracts.OpenAi;

namespace ChatSphere.Api.Modules.OpenAi;

/// <summary>A request to <c>/v1/responses</c> as the chat completion that says the same.</summary>
internal static class ResponseInput
{
    /// <returns>Or the field that is not of the documented shape, and why.</returns>
    public static (ChatCompletionRequest? Request, string? Field, string? Problem) ToCompletion(CreateResponseRequest request)
    {
        if (request.PreviousResponseId is not null)
        {
            return (null, "previous_response_id", "Nothing is kept here; send what was said before in input.");
        }

        if (request.Background == true)
        {
            return (null, "background", "Answers are given at once, or streamed.");
        }

        var messages = new List<ChatCompletionMessage>();
        if (!string.IsNullOrEmpty(request.Instructions))
        {
            messages.Add(new("system", JsonSerializer.SerializeToElement(request.Instructions)));
        }

        if (!TryItems(request.Input!.Value, messages))
        {
            return (null, "input", "A string, or items of type message, function_call or function_call_output; contents of type input_text, output_text or input_image with a data: address.");
        }

        var tools = new List<ChatCompletionTool>();
        foreach (var tool in request.Tools ?? [])
        {
            if (tool is not { Type: "function" })
            {
                return (null, "tools", "Only functions that the caller runs.");
            }

            tools.Add(new("function", new(tool.Name, tool.Description, tool.Parameters)));
        }

        var format = request.Text?.Format;
        return (
            new ChatCompletionRequest(
                request.Model, messages, request.Stream, null, request.Temperature, request.TopP, MaxCompletionTokens: request.MaxOutputTokens, Tools: tools, ToolChoice: Choice(request.ToolChoice),
                ParallelToolCalls: request.ParallelToolCalls, ResponseFormat: format is null ? null : new(format.Type, format.Type == "json_schema" ? new(format.Name, format.Description, format.Schema) : null)),
            null, null);
    }

    private static bool TryItems(JsonElement input, List<ChatCompletionMessage> messages)
    {
        if (input.Text() is { } text)
        {
            messages.Add(new("user", JsonSerializer.SerializeToElement(text)));
            return true;
        }

        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() is 0 or > 2_000)
        {
            return false;
        }

        foreach (var item in input.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            switch (item.Text("type"))
            {
                case null or "message" when item.TryGetProperty("content", out var content) && Contents(content) is { } parts:
                    messages.Add(new(item.Text("role"), parts));
                    break;
                case "function_call":
                    messages.Add(new("assistant", null, [new(item.Text("call_id"), "function", new(item.Text("name"), item.Text("arguments")))]));
                    break;
                case "function_call_output":
                    messages.Add(new("tool", JsonSerializer.SerializeToElement(item.Text("output") ?? (item.TryGetProperty("output", out var output) ? output.GetRawText() : "")), null, item.Text("call_id")));
                    break;

                // What a model thought is sent back by clients that show it; it is nothing to us.
                case "reasoning":
                    break;
                default:
                    return false;
            }
        }

        return messages.Count > 0;
    }

    /// <summary>Null: not of the documented shape.</summary>
    private static JsonElement? Contents(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return content;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var parts = new List<object>();
        foreach (var part in content.EnumerateArray())
        {
            switch (part.Text("type"))
            {
                case "input_text" or "output_text" when part.Text("text") is { } text:
                    parts.Add(new { type = "text", text });
                    break;
                case "input_image" when part.Text("image_url") is { } url:
                    parts.Add(new { type = "image_url", image_url = new { url } });
                    break;
                default:
                    return null;
            }
        }

        return JsonSerializer.SerializeToElement(parts);
    }

    private static JsonElement? Choice(JsonElement? choice) =>
        choice?.Text("type") == "function" && choice.Value.Text("name") is { } name ? JsonSerializer.SerializeToElement(new { type = "function", function = new { name } }) : choice;
}
