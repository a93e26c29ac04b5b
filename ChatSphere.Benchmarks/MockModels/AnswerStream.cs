using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace ChatSphere.Benchmarks.MockModels;

/// <summary>Writes an answer as server-sent chunks at the model's pace. What every chunk of a stream shares is encoded once.</summary>
internal sealed class AnswerStream(HttpContext context, ChatCall call, MockBehaviour behaviour, MockAnswer answer, Pacer.Beat beat)
{
    private const int LargestBurst = 16 * 1024;

    private static readonly byte[] TextStart = "{\"index\":0,\"delta\":{\"content\":\""u8.ToArray();
    private static readonly byte[] TextEnd = "\"},\"finish_reason\":null}]}\n\n"u8.ToArray();
    private static readonly byte[] ArgumentsStart = "{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\""u8.ToArray();
    private static readonly byte[] ArgumentsEnd = "\"}}]},\"finish_reason\":null}]}\n\n"u8.ToArray();
    private static readonly byte[] DoneMark = "data: [DONE]\n\n"u8.ToArray();

    private readonly PipeWriter writer = context.Response.BodyWriter;
    private readonly string id = Guid.NewGuid().ToString("N");
    private byte[] head = [];

    public async Task WriteAsync()
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        if (behaviour.Empty)
        {
            return;
        }

        if (behaviour.Garbage)
        {
            writer.Write("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\n\ndata: <html>502 Bad Gateway</html>\n\n"u8);
            writer.Write(DoneMark);
            return;
        }

        head = Encoding.UTF8.GetBytes($$"""data: {"id":"chatcmpl-{{id}}","object":"chat.completion.chunk","created":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"model":{{JsonSerializer.Serialize(call.Model)}},"choices":[""");
        if (await WriteTokensAsync())
        {
            await WriteEndAsync();
        }
    }

    /// <summary>The answer in one response, after as long as its stream would have taken.</summary>
    public async Task WriteWholeAsync()
    {
        if (behaviour.Garbage)
        {
            context.Response.ContentType = "application/json";
            writer.Write("<html>502 Bad Gateway</html>"u8);
            return;
        }

        if ((behaviour.Break ?? behaviour.Stall) is not null)
        {
            await CutAsync();
            return;
        }

        var milliseconds = behaviour.FirstTokenDelay + (long)behaviour.TokenDelay * Math.Max(0, answer.Tokens.Count - 1);
        await beat.WaitUntilAsync(Stopwatch.GetTimestamp() + milliseconds * Stopwatch.Frequency / 1000);
        var text = behaviour.Empty ? "" : string.Concat(answer.Tokens);
        object message = answer.ToolName is { } name
            ? new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "call_" + id, type = "function", function = new { name, arguments = text } } } }
            : new { role = "assistant", content = text };
        await context.Response.WriteAsJsonAsync(
            new
            {
                id = "chatcmpl-" + id,
                @object = "chat.completion",
                created = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
                model = call.Model,
                choices = new[] { new { index = 0, message, finish_reason = answer.Finish } },
                usage = new { prompt_tokens = call.PromptTokens, completion_tokens = answer.Tokens.Count, total_tokens = call.PromptTokens + answer.Tokens.Count },
            },
            context.RequestAborted);
    }

    /// <summary>False when the stream was cut short, by its behaviour or by its reader.</summary>
    private async Task<bool> WriteTokensAsync()
    {
        // Each token's time is counted from the start, so that delays do not add up.
        var perMillisecond = Stopwatch.Frequency / 1000d;
        var start = Stopwatch.GetTimestamp() + (long)(behaviour.FirstTokenDelay * perMillisecond);
        for (var i = 0; i <= answer.Tokens.Count; i++)
        {
            if (behaviour.Break == i || behaviour.Stall == i || (i == answer.Tokens.Count && (behaviour.Break ?? behaviour.Stall) is not null))
            {
                await CutAsync();
                return false;
            }

            if (i == answer.Tokens.Count)
            {
                return true;
            }

            var due = start + (long)(i * behaviour.TokenDelay * perMillisecond);
            if (Stopwatch.GetTimestamp() < due)
            {
                // What is late goes out together with what follows it; only what was waited for is sent on its own.
                await FlushAsync();
                await beat.WaitUntilAsync(due);
            }
            else if (writer.UnflushedBytes > LargestBurst)
            {
                await FlushAsync();
            }

            if (context.RequestAborted.IsCancellationRequested)
            {
                return false;
            }

            if (i == 0)
            {
                WriteOpening();
            }

            WriteToken(answer.Tokens[i]);
        }

        return true;
    }

    private async Task CutAsync()
    {
        if (behaviour.Stall is not null)
        {
            await FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await FlushAsync();

        // Abort drops what the transport has not sent yet, and a reader must be able to count on the tokens before the break.
        await beat.WaitUntilAsync(Stopwatch.GetTimestamp() + Stopwatch.Frequency / 20);
        context.Abort();
    }

    private void WriteOpening()
    {
        writer.Write(head);
        writer.Write(answer.ToolName is { } tool
            ? Encoding.UTF8.GetBytes($$$$"""{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_{{{{id}}}}","type":"function","function":{"name":{{{{JsonSerializer.Serialize(tool)}}}},"arguments":""}}]},"finish_reason":null}]}""" + "\n\n")
            : Encoding.UTF8.GetBytes("""{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""" + "\n\n"));
    }

    private void WriteToken(string token)
    {
        writer.Write(head);
        writer.Write(answer.ToolName is null ? TextStart : ArgumentsStart);
        writer.Write(JsonEncodedText.Encode(token).EncodedUtf8Bytes);
        writer.Write(answer.ToolName is null ? TextEnd : ArgumentsEnd);
    }

    private async Task WriteEndAsync()
    {
        var tokens = answer.Tokens.Count;
        writer.Write(head);
        writer.Write(Encoding.UTF8.GetBytes($$$"""{"index":0,"delta":{},"finish_reason":"{{{answer.Finish}}}"}]}""" + "\n\n"));
        writer.Write(head);
        writer.Write(Encoding.UTF8.GetBytes($$$"""],"usage":{"prompt_tokens":{{{call.PromptTokens}}},"completion_tokens":{{{tokens}}},"total_tokens":{{{call.PromptTokens + tokens}}}}}""" + "\n\n"));
        writer.Write(DoneMark);
        await FlushAsync();
    }

    private async ValueTask FlushAsync() => await writer.FlushAsync(CancellationToken.None);
}
