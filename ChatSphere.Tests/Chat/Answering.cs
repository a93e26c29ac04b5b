using System.Text.RegularExpressions;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Testing;
using ChatSphere.AI.Knowledge;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ChatSphere.Tests.Chat;

/// <summary>The engine with scripted models. The model <c>first</c> is the default, <c>second</c> its fallback unless a test says otherwise.</summary>
internal sealed class Answering
{
    public Answering(Action<AiOptions>? change = null, TimeSpan? instantly = null, bool connected = true)
    {
        Time = new(instantly ?? TimeSpan.FromSeconds(12));
        var options = new AiOptions { Fallback = ["second"] };
        change?.Invoke(options);
        Circuits = new(Time);
        Catalogue = new(connected ? [Provider] : [], Options.Create(options), Time, NullLogger<ModelCatalogue>.Instance);
        Writer = new(Catalogue, Circuits, Options.Create(options), Time, NullLogger<AnswerWriter>.Instance);
    }

    public ScriptedProvider Provider { get; } = new("first");

    public ScriptedChatClient First => Provider["first"];

    public ScriptedChatClient Second => Provider["second"];

    public ManualTime Time { get; }

    public ModelCircuits Circuits { get; }

    public ModelCatalogue Catalogue { get; }

    public AnswerWriter Writer { get; }

    public static AnswerRequest Ask(string question, params string[] passages) => new()
    {
        TurnId = Guid.CreateVersion7(),
        Instructions = "Be kind.",
        Question = question,
        Passages = [.. passages.Select((text, i) => Passage(text, start: i * 1_000))],
    };

    public static RetrievedPassage Passage(string text, int start = 0, string name = "handbook.pdf", int? page = null, double score = 1, string? heading = null) =>
        new(Guid.CreateVersion7(), Guid.CreateVersion7(), name, page, start, start + text.Length, heading, text, score, null, null);

    public async Task<List<AnswerEvent>> WriteAsync(AnswerRequest request)
    {
        var events = new List<AnswerEvent>();
        await foreach (var happened in Writer.WriteAsync(request, TestContext.Current.CancellationToken))
        {
            events.Add(happened);
        }

        Assert.True(events[^1] is AnswerFinished or AnswerFailed, "The last event says how it ended.");
        Assert.DoesNotContain(events.SkipLast(1), e => e is AnswerFinished or AnswerFailed);
        Assert.DoesNotContain(events, e => e is AnswerDelta { Text.Length: 0 });
        return events;
    }
}

internal static partial class AnswerEvents
{
    public static string Text(this IEnumerable<AnswerEvent> events) => string.Concat(events.OfType<AnswerDelta>().Select(d => d.Text));

    public static string Question(this ScriptedCall call) => call.Messages[^1].Text;

    public static string System(this ScriptedCall call) => call.Messages.Single(m => m.Role == ChatRole.System).Text;

    [GeneratedRegex("""<source id="(\d+)"[^>]*>([^<]*)</source>""")]
    public static partial Regex Sources();
}
