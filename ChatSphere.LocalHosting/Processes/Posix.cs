using System.Runtime.InteropServices;

namespace ChatSphere.LocalHosting.Processes;

/// <summary>The few calls the base library has no name for.</summary>
internal static class Posix
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public static bool IsRoot { get; } = !OperatingSystem.IsWindows() && geteuid() == 0;

    public static void Signal(int pid, int signal) => _ = kill(pid, signal);

    public static void SignalGroup(int leader, int signal) => _ = kill(-leader, signal);

    /// <summary>True also for a process of another user, false for one that has ended and was not yet waited for.</summary>
    public static bool IsAlive(int pid)
    {
        if (kill(pid, 0) != 0 && Marshal.GetLastPInvokeError() != PermissionDenied)
        {
            return false;
        }

        return !OperatingSystem.IsLinux() || StatField(pid, 0) is not (null or "Z" or "X");
    }

    /// <summary>Clock ticks since boot at which the process started: with its id it names one process for good. Null when it is gone.</summary>
    public static string? StartTime(int pid) => OperatingSystem.IsLinux() ? StatField(pid, 19) : null;

    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (chown(path, user, group) != 0)
        {
            throw new IOException($"chown of {path} to {user}:{group} failed with error {Marshal.GetLastPInvokeError()}.");
        }
    }

    private const int PermissionDenied = 1;

    // The second field, the name, may hold spaces and parentheses; what counts starts behind its last one.
    private static string? StatField(int pid, int index)
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

#pragma warning disable SYSLIB1054, CA5392, CA2101 // Three calls with plain arguments do not earn unsafe code for a source-generated import.
    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);

    [DllImport("libc")]
    private static extern uint geteuid();

    [DllImport("libc", SetLastError = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
#pragma warning restore SYSLIB1054, CA5392, CA2101
}
