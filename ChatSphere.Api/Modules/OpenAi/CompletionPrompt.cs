using System.Text.Json;
using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.OpenAi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.AI;

namespace ChatSphere.Api.Modules.OpenAi;

/// <summary>A chat completion request in our own terms.</summary>
internal sealed partial record CompletionPrompt(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<AITool> Tools, ChatOptions Parameters)
{
    private const int MaxCharacters = 2_000_000;

    public static (CompletionPrompt? Prompt, ProblemHttpResult? Refusal) From(ChatCompletionRequest request)
    {
        if (request.N is not (null or 1))
        {
            return Refuse("n", "Only one answer to a request is written.");
        }

        var messages = new List<ChatMessage>(request.Messages!.Count);
        var characters = 0L;
        for (var i = 0; i < request.Messages.Count; i++)
        {
            var (message, problem) = request.Messages[i] is { } given ? ToMessage(given) : (null, "It must be an object.");
            if (message is null)
            {
                return Refuse($"messages[{i}]", problem!);
            }

            characters += message.Text.Length;
            messages.Add(message);
        }

        if (characters > MaxCharacters)
        {
            return Refuse("messages", $"Together they may have at most {MaxCharacters} characters.");
        }

        var tools = new List<AITool>();
        foreach (var tool in request.Tools ?? [])
        {
            if (tool is not { Type: "function", Function: { Name: { } name } function } || !ToolName().IsMatch(name) || function.Parameters is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
            {
                return Refuse("tools", "Each must be a function with a name of 1 to 64 letters, digits, _ and -, and parameters as a JSON schema.");
            }

            var schema = function.Parameters is { ValueKind: JsonValueKind.Object } given ? given : JsonElement.Parse("""{"type":"object","properties":{}}""");
            tools.Add(AIFunctionFactory.CreateDeclaration(name, function.Description, schema));
        }

        var parameters = new ChatOptions
        {
            TopP = (float?)request.TopP,
            FrequencyPenalty = (float?)request.FrequencyPenalty,
            PresencePenalty = (float?)request.PresencePenalty,
            MaxOutputTokens = request.MaxCompletionTokens ?? request.MaxTokens,
            Seed = request.Seed,
            AllowMultipleToolCalls = request.ParallelToolCalls,
        };
        if (!TryStops(request.Stop, out var stops))
        {
            return Refuse("stop", "A string, or up to four.");
        }

        parameters.StopSequences = stops;
        if (!TryToolMode(request.ToolChoice, tools, out var mode))
        {
            return Refuse("tool_choice", "none, auto, required, or one of the functions in tools.");
        }

        parameters.ToolMode = mode;
        switch (request.ResponseFormat)
        {
            case null or { Type: "text" }:
                break;
            case { Type: "json_object" }:
                parameters.ResponseFormat = ChatResponseFormat.Json;
                break;
            case { Type: "json_schema", JsonSchema: { Name: { } name, Schema: { ValueKind: JsonValueKind.Object } schema } format } when ToolName().IsMatch(name):
                parameters.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, name, format.Description);
                break;
            default:
                return Refuse("response_format", "text, json_object, or json_schema with a name and a schema.");
        }

        return (new(messages, tools, parameters), null);

        static (CompletionPrompt?, ProblemHttpResult?) Refuse(string field, string message) => (null, Problems.Invalid(field, message));
    }

    private static (ChatMessage? Message, string? Problem) ToMessage(ChatCompletionMessage message)
    {
        ChatRole? role = message.Role switch
        {
            "system" or "developer" => ChatRole.System,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "tool" => ChatRole.Tool,
            _ => null,
        };
        if (role is null)
        {
            return (null, "role must be system, developer, user, assistant or tool.");
        }

        if (Contents(message.Content) is not { } contents)
        {
            return (null, "content must be a string, or parts of type text and image_url; pictures as data: addresses of an image.");
        }

        if (contents.OfType<TextContent>().Any(t => TextRules.HasUnstorable(t.Text)))
        {
            return (null, "It must not contain NUL characters or broken surrogates.");
        }

        if (role == ChatRole.Tool)
        {
            return message.ToolCallId is { Length: > 0 } id
                ? (new(ChatRole.Tool, [new FunctionResultContent(id, string.Concat(contents.OfType<TextContent>().Select(t => t.Text)))]), null)
                : (null, "A tool's message needs tool_call_id.");
        }

        foreach (var call in message.ToolCalls ?? [])
        {
            if (role != ChatRole.Assistant || call is not { Id: { Length: > 0 } id, Function: { Name: { Length: > 0 } name } function })
            {
                return (null, "tool_calls belong to the assistant, and need an id and a function with a name.");
            }

            try
            {
                contents.Add(new FunctionCallContent(id, name, string.IsNullOrWhiteSpace(function.Arguments) ? null : JsonSerializer.Deserialize<Dictionary<string, object?>>(function.Arguments, OpenAiBody.Json)));
            }
            catch (JsonException)
            {
                return (null, "The arguments of a tool call are not a JSON object.");
            }
        }

        return contents.Count > 0 || role == ChatRole.Assistant ? (new(role.Value, contents), null) : (null, "content is missing.");
    }

    /// <summary>Null: not of the documented shape.</summary>
    private static List<AIContent>? Contents(JsonElement? content)
    {
        switch (content?.ValueKind)
        {
            case null or JsonValueKind.Null:
                return [];
            case JsonValueKind.String:
                return content.Value.Text() is { } whole ? [new TextContent(whole)] : null;
            case JsonValueKind.Array:
                var contents = new List<AIContent>();
                foreach (var part in content.Value.EnumerateArray())
                {
                    if (part.Text("type") == "text" && part.Text("text") is { } text)
                    {
                        contents.Add(new TextContent(text));
                    }
                    else if (part.Text("type") == "image_url" && part.TryGetProperty("image_url", out var image) && image.Text("url") is { } url && Picture(url) is { } picture)
                    {
                        contents.Add(picture);
                    }
                    else
                    {
                        return null;
                    }
                }

                return contents;
            default:
                return null;
        }
    }

    private static DataContent? Picture(string url)
    {
        if (!DataAddress().IsMatch(url))
        {
            return null;
        }

        try
        {
            return new DataContent(url);
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static bool TryStops(JsonElement? stop, out IList<string>? stops)
    {
        stops = stop?.ValueKind switch
        {
            JsonValueKind.String when stop.Value.Text() is { } one => [one],
            JsonValueKind.Array when stop.Value.GetArrayLength() <= 4 && stop.Value.EnumerateArray().All(s => s.Text() is not null) => [.. stop.Value.EnumerateArray().Select(s => s.Text()!)],
            _ => null,
        };
        return stops is not null || stop is null or { ValueKind: JsonValueKind.Null };
    }

    private static bool TryToolMode(JsonElement? choice, List<AITool> tools, out ChatToolMode? mode)
    {
        mode = null;
        switch (choice?.ValueKind)
        {
            case null or JsonValueKind.Null:
                return true;
            case JsonValueKind.String:
                mode = choice.Value.Text() switch { "none" => ChatToolMode.None, "auto" => ChatToolMode.Auto, "required" => ChatToolMode.RequireAny, _ => null };
                return mode is not null;
            case JsonValueKind.Object when choice.Value.TryGetProperty("function", out var function) && function.Text("name") is { } name && tools.Exists(t => t.Name == name):
                mode = ChatToolMode.RequireSpecific(name);
                return true;
            default:
                return false;
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex ToolName();

    [GeneratedRegex("^data:image/(png|jpeg|gif|webp);base64,", RegexOptions.IgnoreCase)]
    private static partial Regex DataAddress();
}
