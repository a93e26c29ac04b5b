using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

/// <summary>
/// Runs what a model asks for, within bounds of time and size. A tool that is unknown, fails or hangs gives the model an error to read, never an exception to the turn;
/// the error says nothing about our inside.
/// </summary>
internal sealed class ToolRunner(IReadOnlyList<AITool> tools, AiOptions options, TimeProvider time)
{
    private const int MaxResultLength = 16_000;

    public static AnswerToolCall Announce(FunctionCallContent call) =>
        new(call.CallId, call.Name, call.RawRepresentation as string ?? JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>()));

    public async Task<AnswerToolResult> RunAsync(FunctionCallContent call, CancellationToken cancellationToken)
    {
        if (tools.OfType<AIFunction>().FirstOrDefault(t => t.Name == call.Name) is not { } tool)
        {
            return Error("There is no such tool.");
        }

        if (call.Exception is not null)
        {
            return Error("The arguments are not a JSON object.");
        }

        using var limit = new CancellationTokenSource(options.ToolTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // WaitAsync: a tool that ignores its token must not hold the turn.
            var result = await tool.InvokeAsync(new(call.Arguments), linked.Token).AsTask().WaitAsync(linked.Token);
            return new(call.CallId, call.Name, Cap(result as string ?? JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions)), IsError: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Error("The tool took too long.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Error("The tool failed.");
        }

        AnswerToolResult Error(string text) => new(call.CallId, call.Name, "error: " + text, IsError: true);
    }

    private static string Cap(string result)
    {
        var clean = new CleanText();
        result = clean.Push(result) + clean.Finish();
        if (result.Length <= MaxResultLength)
        {
            return result;
        }

        var cut = char.IsHighSurrogate(result[MaxResultLength - 1]) ? MaxResultLength - 1 : MaxResultLength;
        return result[..cut] + "\n[cut off here: too long]";
    }
}
