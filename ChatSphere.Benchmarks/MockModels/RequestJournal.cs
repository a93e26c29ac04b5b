using System.Text.Json;

namespace ChatSphere.Benchmarks.MockModels;

/// <summary>What was sent to a model, for tests that must see it.</summary>
internal sealed record JournalEntry(DateTimeOffset At, string Model, bool Stream, JsonElement? Messages, JsonElement? Tools);

internal sealed class RequestJournal
{
    private const int Most = 200;

    private readonly Lock gate = new();
    private readonly Queue<JournalEntry> entries = new(Most);

    public void Add(ChatCall call, JsonElement body)
    {
        // Cloned only here: the request's document is pooled memory.
        var entry = new JournalEntry(DateTimeOffset.UtcNow, call.Model, call.Stream, Member(body, "messages"), Member(body, "tools"));
        lock (gate)
        {
            while (entries.Count >= Most)
            {
                entries.Dequeue();
            }

            entries.Enqueue(entry);
        }
    }

    /// <summary>Oldest first.</summary>
    public JournalEntry[] List()
    {
        lock (gate)
        {
            return [.. entries];
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
        }
    }

    private static JsonElement? Member(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.Clone() : null;
}
