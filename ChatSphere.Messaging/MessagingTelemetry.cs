using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ChatSphere.Messaging;

internal static class MessagingTelemetry
{
    public static readonly ActivitySource Source = new("ChatSphere.Messaging");
    private static readonly Meter Meter = new("ChatSphere.Messaging");

    public static readonly Counter<long> Published = Meter.CreateCounter<long>("chatsphere.outbox.published", "{event}", "Events published from the outbox.");
    public static readonly Counter<long> Handled = Meter.CreateCounter<long>("chatsphere.events.handled", "{event}", "Events handled, by handler and outcome.");
    public static readonly Histogram<double> HandlingTime = Meter.CreateHistogram<double>("chatsphere.events.duration", "s", "How long handlers take.");
}
