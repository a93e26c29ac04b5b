using System.Globalization;

namespace ChatSphere.Tests.Hosting;

/// <summary>What the kernel knows about processes and ports.</summary>
internal static class ProcessTable
{
    public static bool IsAlive(int pid) => Field(pid, 0) is not (null or "Z" or "X");

    public static async Task UntilGoneAsync(IEnumerable<int> pids, CancellationToken cancellationToken)
    {
        foreach (var pid in pids)
        {
            while (IsAlive(pid))
            {
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    public static HashSet<int> DescendantsOf(int root)
    {
        var parents = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _))
            .Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .Select(pid => (Pid: pid, Parent: Field(pid, 1))).Where(p => p.Parent is not null).ToLookup(p => int.Parse(p.Parent!, CultureInfo.InvariantCulture), p => p.Pid);
        var found = new HashSet<int>();
        var open = new Queue<int>([root]);
        while (open.TryDequeue(out var next))
        {
            foreach (var child in parents[next].Where(found.Add))
            {
                open.Enqueue(child);
            }
        }

        return found;
    }

    /// <summary>Addresses, as /proc/net has them in hexadecimal, on which these processes accept connections.</summary>
    public static List<string> ListeningAddresses(IEnumerable<int> pids)
    {
        var sockets = pids.SelectMany(SocketsOf).ToHashSet();
        return [.. ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).Where(File.Exists).SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && sockets.Contains(fields[9]))
            .Select(fields => fields[1].Split(':')[0])];
    }

    private static IEnumerable<string> SocketsOf(int pid)
    {
        try
        {
            return [.. Directory.GetFiles($"/proc/{pid}/fd").Select(f => File.ResolveLinkTarget(f, returnFinalTarget: false)?.Name)
                .Where(t => t is not null && t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t![8..^1])];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string? Field(int pid, int index)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[index];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
