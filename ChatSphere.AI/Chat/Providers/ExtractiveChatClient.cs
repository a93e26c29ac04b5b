using System.Runtime.CompilerServices;
using System.Text;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.AI.Knowledge;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>Why there is no language model's answer; it decides what the reader is told.</summary>
public enum ExtractiveOccasion
{
    NotConnected,

    /// <summary>The bot names this model although language models are connected.</summary>
    Chosen,
    Unavailable,

    /// <summary>A language model's text is on the screen already, and stops in the middle.</summary>
    BrokeOff,
}

/// <param name="Shown">The text that broke off; empty otherwise.</param>
public sealed record ExtractiveTask(string Question, IReadOnlyList<RetrievedPassage> Passages, ExtractiveOccasion Occasion, string Shown);

/// <summary>
/// The built-in model without a language model: it quotes the sentences of the passages that fit the question best, word for word and with citations, and says plainly
/// what it is. It knows no language and invents nothing: apart from its own one line, every word comes from a passage.
/// </summary>
public sealed class ExtractiveChatClient : IChatClient
{
    public const string ModelId = "extractive";

    private const string TaskKey = "chatsphere.extractive";
    private readonly ChatClientMetadata _metadata = new(ModelId, defaultModelId: ModelId);

    /// <summary>The passages as they are, rather than the prompt made of them: offsets and wording must survive.</summary>
    public static ChatOptions Ask(ChatOptions options, ExtractiveTask task)
    {
        ArgumentNullException.ThrowIfNull(options);
        (options.AdditionalProperties ??= [])[TaskKey] = task;
        return options;
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var task = options?.AdditionalProperties?.TryGetValue(TaskKey, out ExtractiveTask? asked) == true && asked is not null
            ? asked
            : new ExtractiveTask(messages.LastOrDefault(m => m.Role == ChatRole.User)?.Text ?? "", [], ExtractiveOccasion.Chosen, "");
        var text = Write(task);
        for (var at = 0; at < text.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // No delay for show; but a page that got thousands of pieces at once would stand still, and so would every other turn on this thread.
            await Task.Yield();
            var length = PieceLength(text, at);
            yield return new(ChatRole.Assistant, text.Substring(at, length)) { ModelId = ModelId };
            at += length;
        }

        yield return new(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = 0, OutputTokenCount = 0, TotalTokenCount = 0 })])
        {
            ModelId = ModelId,
            FinishReason = ChatFinishReason.Stop,
        };
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType?.IsInstanceOfType(this) == true ? this : null;

    public void Dispose()
    {
    }

    private static string Write(ExtractiveTask task)
    {
        var quotes = BestPassages.For(task.Question, task.Passages);
        var text = new StringBuilder();
        if (task.Occasion == ExtractiveOccasion.BrokeOff)
        {
            // What follows an open code block would be read as code, and its citations with it.
            text.Append(OpenFence(task.Shown) is { } fence ? $"\n{fence}\n\n" : "\n\n");
        }

        text.Append((task.Occasion, quotes.Count > 0) switch
        {
            (ExtractiveOccasion.NotConnected, true) => "No language model is connected. These passages fit the question best, word for word:",
            (ExtractiveOccasion.NotConnected, false) => "No language model is connected, and nothing relevant to the question was found in the documents.",
            (ExtractiveOccasion.Chosen, true) => "This bot answers without a language model. These passages fit the question best, word for word:",
            (ExtractiveOccasion.Chosen, false) => "This bot answers without a language model, and nothing relevant to the question was found in the documents.",
            (ExtractiveOccasion.Unavailable, true) => "The language model is not available right now. These passages fit the question best, word for word:",
            (ExtractiveOccasion.Unavailable, false) => "The language model is not available right now, and nothing relevant to the question was found in the documents.",
            (_, true) => "The language model broke off here and is not available right now. These passages fit the question best, word for word:",
            (_, false) => "The language model broke off here and is not available right now, and nothing relevant to the question was found in the documents.",
        });
        foreach (var (number, quoted) in quotes.SelectMany(q => q.Texts.Select(t => (q.Number, Quoted(t)))))
        {
            text.Append("\n\n").Append(quoted).Append(" [").Append(number).Append(']');
        }

        return text.ToString();
    }

    /// <summary>A <c>[12]</c> of the document is a footnote of its own and would pass for a citation of ours; with the escape a reader still sees the same characters.</summary>
    private static string Quoted(string text)
    {
        var escaped = new StringBuilder(text);
        foreach (var marker in CitationMarkers.Find(text).Reverse())
        {
            escaped.Insert(marker.Start, '\\');
        }

        return escaped.ToString();
    }

    private static string? OpenFence(string shown)
    {
        string? open = null;
        foreach (var line in shown.Split('\n'))
        {
            var content = line.TrimStart(' ');
            var fence = content.StartsWith("```", StringComparison.Ordinal) ? "```" : content.StartsWith("~~~", StringComparison.Ordinal) ? "~~~" : null;
            open = open is null ? fence : fence == open ? null : open;
        }

        return open;
    }

    /// <summary>About three words; scripts without spaces in pieces of their own.</summary>
    private static int PieceLength(string text, int at)
    {
        const int Long = 24;
        var spaces = 0;
        for (var i = at; i < text.Length; i++)
        {
            spaces += char.IsWhiteSpace(text[i]) ? 1 : 0;
            if ((spaces == 3 || i - at >= Long) && !char.IsHighSurrogate(text[i]))
            {
                return i + 1 - at;
            }
        }

        return text.Length - at;
    }
}
