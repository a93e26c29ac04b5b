using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ChatSphere.AI.Knowledge;

/// <summary>Never tagged with queries, names or text.</summary>
public static class KnowledgeTelemetry
{
    public const string Name = "ChatSphere.Knowledge";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    internal static Histogram<double> SearchDuration { get; } = Meter.CreateHistogram<double>("chatsphere.knowledge.search.duration", "s", "Time of one search over a bot's knowledge.");

    internal static Counter<long> Degraded { get; } = Meter.CreateCounter<long>("chatsphere.knowledge.search.degraded", "{search}", "Searches answered without vectors because embedder or index did not answer.");

    internal static Counter<long> VectorsLoaded { get; } = Meter.CreateCounter<long>("chatsphere.knowledge.vectors.loaded", "{vector}", "Vectors read into memory.");
}
