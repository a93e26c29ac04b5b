using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ChatSphere.AI.Chat;

/// <summary>Names follow OpenTelemetry's semantic conventions for generative AI. No text of anybody's, ever.</summary>
public static class AiTelemetry
{
    public const string Name = "ChatSphere.AI";

    internal static ActivitySource Source { get; } = new(Name);

    internal static Meter Meter { get; } = new(Name);

    internal static Histogram<long> TokenUsage { get; } = Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens that calls used, by gen_ai.token.type.");

    internal static Histogram<double> OperationDuration { get; } = Meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Time from a call to its end.");

    internal static Histogram<double> FirstToken { get; } = Meter.CreateHistogram<double>("gen_ai.client.operation.time_to_first_chunk", "s", "Time from a call to its first text.");

    internal static Counter<long> Switches { get; } = Meter.CreateCounter<long>("chatsphere.ai.switches", "{switch}", "Answers that went on with another model, by reason.");

    internal static Counter<long> Retries { get; } = Meter.CreateCounter<long>("chatsphere.ai.retries", "{retry}", "Calls repeated before their first token.");

    internal static Counter<long> Hedges { get; } = Meter.CreateCounter<long>("chatsphere.ai.hedges", "{hedge}", "Times that a second model was asked because the first was slow to start.");

    internal static Counter<long> CircuitTransitions { get; } =
        Meter.CreateCounter<long>("chatsphere.ai.circuit.transitions", "{transition}", "Circuits that opened, half-opened or closed.");
}
