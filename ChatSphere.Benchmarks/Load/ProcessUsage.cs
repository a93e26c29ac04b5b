using System.Globalization;

namespace ChatSphere.Benchmarks.Load;

/// <summary>Memory and processor time of a process and its children, read from <c>/proc</c> while something is measured.</summary>
internal sealed class ProcessUsage : IAsyncDisposable
{
    // USER_HZ, which Linux fixes at 100 for what /proc shows.
    private const double TicksPerSecond = 100;

    private readonly int pid;
    private readonly CancellationTokenSource stop = new();
    private readonly Task sampling;
    private readonly long startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
    private readonly double processorAtStart;

    public ProcessUsage(int pid)
    {
        this.pid = pid;
        processorAtStart = ProcessorSeconds(pid) ?? throw new ArgumentException($"There is no process {pid}.");
        sampling = SampleAsync();
    }

    /// <summary>The highest resident set seen, of the process alone.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>The same with its children, such as a PDF extractor.</summary>
    public long PeakBytesWithChildren { get; private set; }

    /// <summary>Cores used on average since the start: 1.0 is one core all the time.</summary>
    public double Cores => ((ProcessorSeconds(pid) ?? processorAtStart) - processorAtStart) / System.Diagnostics.Stopwatch.GetElapsedTime(startedAt).TotalSeconds;

    public static string Megabytes(long bytes) => (bytes / 1048576d).ToString("0", CultureInfo.InvariantCulture);

    /// <summary>
    /// The resident set once it has come to rest: the middle of three seconds in which it moved by less than one part in a hundred, or of the last three when it does not come
    /// to rest within the patience.
    /// </summary>
    public async Task<long> SettledBytesAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        const int samples = 12;
        var seen = new Queue<long>();
        var startedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            seen.Enqueue(ResidentBytes(pid));
            if (seen.Count > samples)
            {
                seen.Dequeue();
            }

            if (seen.Count == samples && (seen.Max() - seen.Min() < seen.Max() / 100 || System.Diagnostics.Stopwatch.GetElapsedTime(startedAt) > patience))
            {
                return seen.Order().ElementAt(samples / 2);
            }

            await Task.Delay(250, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await sampling;
        stop.Dispose();
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            var own = ResidentBytes(pid);
            PeakBytes = Math.Max(PeakBytes, own);
            PeakBytesWithChildren = Math.Max(PeakBytesWithChildren, own + Children(pid).Sum(ResidentBytes));
        }
        while (await Next(timer));
    }

    private async Task<bool> Next(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static long ResidentBytes(int pid) =>
        Read($"/proc/{pid}/statm") is { } statm ? long.Parse(statm.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;

    private static IEnumerable<int> Children(int pid) => Directory.Exists($"/proc/{pid}/task")
        ? Directory.GetDirectories($"/proc/{pid}/task").SelectMany(task => (Read(task + "/children") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
        : [];

    private static double? ProcessorSeconds(int pid)
    {
        if (Read($"/proc/{pid}/stat") is not { } stat)
        {
            return null;
        }

        // The program's name comes second and may hold blanks and brackets; fields are counted from behind it.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
