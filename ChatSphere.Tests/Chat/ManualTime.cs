namespace ChatSphere.Tests.Chat;

/// <summary>
/// A clock that stands still until told otherwise. Timers due within <paramref name="instantly"/> fire at once and move the clock, so that retries need no driving while
/// the longer watches (30 s, 60 s) stay under the test's control.
/// </summary>
internal sealed class ManualTime(TimeSpan instantly = default) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<TimeSpan> _waited = [];
    private long _ticks = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).Ticks;

    /// <summary>The delays that fired at once, in order.</summary>
    public IReadOnlyList<TimeSpan> Waited
    {
        get
        {
            lock (_lock)
            {
                return [.. _waited];
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan by)
    {
        Interlocked.Add(ref _ticks, by.Ticks);
        List<ManualTimer> due;
        lock (_lock)
        {
            due = [.. _timers.Where(t => t.Due <= GetTimestamp())];
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(t => t.Fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        /// <summary>Null: not running.</summary>
        public long? Due { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                if (dueTime < TimeSpan.Zero)
                {
                    Due = null;
                    return true;
                }

                Due = time.GetTimestamp() + dueTime.Ticks;
                if (dueTime > time.Instantly)
                {
                    time._timers.Add(this);
                    return true;
                }

                time._waited.Add(dueTime);
            }

            // Not from inside Change: the owner of the timer has not stored it yet.
            var due = Due.Value;
            ThreadPool.QueueUserWorkItem(_ => time.AdvanceTo(this, due));
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private TimeSpan Instantly { get; } = instantly;

    private void AdvanceTo(ManualTimer timer, long due)
    {
        lock (_lock)
        {
            // Stopped or set again in the meantime.
            if (timer.Due != due)
            {
                return;
            }

            timer.Due = null;
            _ticks = Math.Max(_ticks, due);
        }

        timer.Fire();
    }
}
