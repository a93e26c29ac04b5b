using System.Collections.Concurrent;

namespace ChatSphere.Tests.ServiceDefaults;

/// <summary>A clock that stands still unless told, and lets one kind of wait, known by its length, end at once. All other timers never fire.</summary>
internal sealed class HurriedTime(TimeSpan? hurried = null) : TimeProvider
{
    private long ticks = TimeSpan.TicksPerDay;

    /// <summary>How long each timer was asked to wait.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Hurried(new Timer(callback, state, Timeout.Infinite, Timeout.Infinite), this);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Hurried(Timer timer, HurriedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Waits.Enqueue(dueTime);
            return timer.Change(dueTime == time.Hurry ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }

    private TimeSpan? Hurry => hurried;
}
