using System.Buffers;
using System.Net;
using System.Text.Json;

namespace ChatSphere.Benchmarks.Documents;

/// <summary>
/// A ChatGPT export of about a given size, made while it is sent, so that neither side ever has it whole: conversations of twenty messages, questions of one paragraph and answers
/// of three, in the tree that such exports have. The same seed makes the same file.
/// </summary>
internal sealed class GeneratedExport(long bytes, int seed) : HttpContent
{
    private const int Messages = 20;
    private const int Paragraphs = 200;

    /// <summary>How many conversations were written.</summary>
    public int Conversations { get; private set; }

    public long Written { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        (Conversations, Written) = (0, 0);
        string[] paragraphs = [.. Enumerable.Range(0, Paragraphs).Select(i => new SyntheticText(seed + i).Markdown(60))];
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        await stream.WriteAsync("["u8.ToArray(), cancellationToken);
        while (Written < bytes)
        {
            buffer.ResetWrittenCount();
            if (Conversations > 0)
            {
                buffer.Write(","u8);
            }

            Write(buffer, paragraphs, Conversations++);
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
            Written += buffer.WrittenCount;
        }

        await stream.WriteAsync("]"u8.ToArray(), cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private void Write(ArrayBufferWriter<byte> buffer, string[] paragraphs, int number)
    {
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("id", $"benchmark-{seed}-{number}");
        json.WriteString("title", $"Talk {number}");
        json.WriteNumber("create_time", 1_700_000_000 + (number * 60));
        json.WriteNumber("update_time", 1_700_000_000 + (number * 60) + Messages);
        json.WriteString("current_node", $"m{Messages - 1}");
        json.WriteStartObject("mapping");
        for (var i = 0; i < Messages; i++)
        {
            json.WriteStartObject($"m{i}");
            json.WriteString("id", $"m{i}");
            json.WriteString("parent", i == 0 ? null : $"m{i - 1}");
            json.WriteStartArray("children");
            if (i + 1 < Messages)
            {
                json.WriteStringValue($"m{i + 1}");
            }

            json.WriteEndArray();
            json.WriteStartObject("message");
            json.WriteString("id", $"m{i}");
            json.WriteStartObject("author");
            json.WriteString("role", i % 2 == 0 ? "user" : "assistant");
            json.WriteEndObject();
            json.WriteNumber("create_time", 1_700_000_000 + (number * 60) + i);
            json.WriteStartObject("content");
            json.WriteString("content_type", "text");
            json.WriteStartArray("parts");
            json.WriteStringValue(i % 2 == 0 ? Paragraph(i) : $"{Paragraph(i)}\n\n{Paragraph(i + 7)}\n\n{Paragraph(i + 13)}");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();

        string Paragraph(int i) => paragraphs[((number * 31) + i) % paragraphs.Length];
    }
}
