namespace ChatSphere.Benchmarks.MockModels;

/// <summary>Remembers which calls were made before, for models that fail once.</summary>
internal sealed class FirstCalls
{
    private const int Most = 100_000;

    private readonly Lock gate = new();
    private readonly HashSet<(string Model, string LastUserText)> seen = [];

    public bool IsFirst(ChatCall call)
    {
        lock (gate)
        {
            if (seen.Count >= Most)
            {
                seen.Clear();
            }

            return seen.Add((call.Model, call.LastUserText));
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            seen.Clear();
        }
    }
}
