using ChatSphere.Data;

namespace ChatSphere.Messaging;

/// <summary>
/// Acts on an event. Delivered at least once, on any Worker. Unless it is <see cref="HandlerAttribute.LongRunning"/>, it runs inside a transaction of its scope's
/// <see cref="ChatSphereDb"/> that has recorded the event in the inbox, so what it changes there happens exactly once; it saves, the host commits.
/// An exception retries it later, a few times, and then makes a dead letter.
/// </summary>
public interface IHandle<in TEvent>
    where TEvent : IDomainEvent
{
    Task HandleAsync(TEvent happened, CancellationToken cancellationToken);
}

/// <summary>How a handler wants to be run. Its queue is named after its class.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class HandlerAttribute : Attribute
{
    /// <summary>How many events one Worker handles at once.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>
    /// Runs outside a transaction, which must not stay open for minutes; the inbox is written when it is done. A killed Worker therefore runs it again: it must find
    /// its own earlier work and go on from there.
    /// </summary>
    public bool LongRunning { get; init; }

    /// <summary>One event at a time over all Workers, in the order in which they happened. A failing event holds up those behind it until it is a dead letter.</summary>
    public bool Ordered { get; init; }
}

/// <summary>Not now, and nobody's fault: the event comes again after the delay without counting as a failure.</summary>
public sealed class RetryLaterException(TimeSpan delay) : Exception($"Again in {delay.TotalSeconds:0} s.")
{
    public TimeSpan Delay { get; } = delay;
}
