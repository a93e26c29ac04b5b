using System.Collections.Concurrent;
using System.Diagnostics;
using Aspire.Hosting;

namespace ChatSphere.LocalHosting.Processes;

/// <summary>How to start one process, and how to ask it to end.</summary>
internal sealed record LaunchPlan(string File, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>As a value in <see cref="Environment"/>: the variable is not inherited either.</summary>
    public const string Removed = "\0";

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Servers start from a bare environment, so that nothing a person exported reaches them.</summary>
    public bool CleanEnvironment { get; init; }

    public SystemUser? User { get; init; }
    public int StopSignal { get; init; } = Posix.Terminate;
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A user of this system that a server runs as instead of root.</summary>
internal sealed record SystemUser(string Name, uint Id, uint GroupId)
{
    public static SystemUser? Find(params string[] names)
    {
        var known = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Where(f => f.Length > 3).ToList();
        foreach (var name in names)
        {
            if (known.Find(f => f[0] == name) is { } fields)
            {
                return new(name, uint.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture), uint.Parse(fields[3], System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return null;
    }
}

/// <summary>
/// Starts processes so that none outlives the AppHost. Two nets: each child asks the kernel to be told of its parent's death, and a guardian process,
/// which notices the AppHost's end by the end of a pipe, ends the children, their groups and the temporary folder, even after SIGKILL.
/// </summary>
internal sealed class Launcher : IDisposable
{
    // A child is told of the death of the *thread* that started it, so all are started by this one, which lives as long as the AppHost.
    private readonly BlockingCollection<Action> _starts = [];
    private readonly Thread _thread;
    private readonly Process? _guardian;
    private readonly Lock _gate = new();
    private readonly string? _runningFile;
    private readonly string? _setsid = Executables.Find("setsid");
    private readonly string? _setpriv = Executables.Find("setpriv");

    /// <param name="temporary">Removed by the guardian when the AppHost dies without doing so.</param>
    /// <param name="runningFile">Where started processes are noted for the next run; null for data that no next run uses.</param>
    public Launcher(string? temporary, string? runningFile)
    {
        _runningFile = runningFile;
        _thread = new Thread(() =>
        {
            foreach (var start in _starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        {
            IsBackground = true,
            Name = "process launcher",
        };
        _thread.Start();
        if (!OperatingSystem.IsWindows())
        {
            _guardian = StartGuardian();
            Tell(temporary is null ? "ready" : $"folder {temporary}");
        }
    }

    public async Task<ChildProcess> StartAsync(LaunchPlan plan, Func<string, ValueTask> output)
    {
        var done = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                done.SetResult(Executables.Start(Describe(plan)));
            }
            catch (Exception e)
            {
                done.SetException(new DistributedApplicationException($"{plan.File} could not be started: {e.Message}", e));
            }
        });
        var process = await done.Task;
        process.StandardInput.Close();
        Tell($"add {process.Id} {SignalName(plan.StopSignal)}");
        Note(process.Id);
        return new ChildProcess(process, plan, output, ownGroup: _setsid is not null, onExit: pid => Tell($"drop {pid}"));
    }

    public void Dispose()
    {
        _starts.CompleteAdding();
        if (_guardian is not null)
        {
            Tell("done");
            _guardian.StandardInput.Close();
            _guardian.WaitForExit(2000);
            _guardian.Dispose();
        }

        if (_runningFile is not null)
        {
            File.Delete(_runningFile);
        }
    }

    /// <summary>Ends what a run that died left behind. Only called by the run that holds the data's lock.</summary>
    public static async Task EndLeftoversAsync(string runningFile, CancellationToken cancellationToken)
    {
        if (!File.Exists(runningFile))
        {
            return;
        }

        var left = File.ReadAllLines(runningFile).Select(l => l.Split(' ')).Where(f => f.Length == 2)
            .Select(f => (Pid: int.Parse(f[0], System.Globalization.CultureInfo.InvariantCulture), Started: f[1])).ToList();
        // The dead run's guardian may be at it already; it gives them two and a half seconds.
        var deadline = DateTime.UtcNow.AddSeconds(5);
        while (left.RemoveAll(p => Posix.StartTime(p.Pid) != p.Started || !Posix.IsAlive(p.Pid)) >= 0 && left.Count > 0)
        {
            if (DateTime.UtcNow > deadline)
            {
                left.ForEach(p => Posix.SignalGroup(p.Pid, Posix.Kill));
                left.ForEach(p => Posix.Signal(p.Pid, Posix.Kill));
            }

            await Task.Delay(50, cancellationToken);
        }

        File.Delete(runningFile);
    }

    private ProcessStartInfo Describe(LaunchPlan plan)
    {
        List<string> command = [];
        if (_setsid is not null)
        {
            // A session of its own: Ctrl+C in the terminal reaches only the AppHost, which then stops the others in order.
            command.Add(_setsid);
        }

        if (plan.User is { } user)
        {
            command.AddRange([_setpriv ?? throw new DistributedApplicationException("setpriv (util-linux) is needed to run servers as another user than root."),
                "--reuid", user.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), "--regid", user.GroupId.ToString(System.Globalization.CultureInfo.InvariantCulture),
                "--clear-groups", "--pdeathsig", SignalName(plan.StopSignal), "--"]);
        }
        else if (_setpriv is not null)
        {
            command.AddRange([_setpriv, "--pdeathsig", SignalName(plan.StopSignal), "--"]);
        }

        command.Add(plan.File);
        command.AddRange(plan.Arguments);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = plan.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (plan.CleanEnvironment)
        {
            start.Environment.Clear();
            start.Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
            start.Environment["LANG"] = "C.UTF-8";
            start.Environment["LC_ALL"] = "C.UTF-8";
        }

        foreach (var (name, value) in plan.Environment)
        {
            if (value == LaunchPlan.Removed)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        return start;
    }

    // A shell: it starts in a millisecond, needs a megabyte, and is on every Unix. It ignores the signals that end the AppHost; only the end of its input counts.
    private Process StartGuardian()
    {
        const string script = """
            trap '' INT TERM HUP QUIT
            folder= list=
            while read -r verb rest; do
              case $verb in
                folder) folder=$rest ;;
                add) list="$list ${rest#* }:${rest% *}" ;;
                drop) keep=; for e in $list; do [ "${e#*:}" = "$rest" ] || keep="$keep $e"; done; list=$keep ;;
                done) exit 0 ;;
              esac
            done
            for e in $list; do kill -s "${e%%:*}" "${e#*:}" 2>/dev/null; done
            tries=0
            while [ $tries -lt 25 ]; do
              alive=
              for e in $list; do kill -0 "${e#*:}" 2>/dev/null && alive=1; done
              [ -z "$alive" ] && break
              sleep 0.1
              tries=$((tries+1))
            done
            for e in $list; do kill -s KILL -- "-${e#*:}" 2>/dev/null; kill -s KILL "${e#*:}" 2>/dev/null; done
            case $folder in */chatsphere-?*) rm -rf -- "$folder" ;; esac
            """;
        List<string> command = _setsid is null ? ["/bin/sh"] : [_setsid, "/bin/sh"];
        return Executables.Start(new ProcessStartInfo(command[0], [.. command.Skip(1), "-c", script, "chatsphere-guardian"])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        });
    }

    private void Tell(string line)
    {
        if (_guardian is null)
        {
            return;
        }

        lock (_gate)
        {
            try
            {
                _guardian.StandardInput.WriteLine(line);
                _guardian.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Someone ended the guardian; the kernel's parent-death signal still holds.
            }
        }
    }

    private void Note(int pid)
    {
        if (_runningFile is not null && Posix.StartTime(pid) is { } started)
        {
            lock (_gate)
            {
                File.AppendAllText(_runningFile, $"{pid} {started}\n");
            }
        }
    }

    private static string SignalName(int signal) => signal switch
    {
        Posix.Interrupt => "INT",
        Posix.Kill => "KILL",
        _ => "TERM",
    };
}

internal sealed class ChildProcess
{
    private const int LongestLine = 32 * 1024;
    private readonly Process _process;
    private readonly LaunchPlan _plan;
    private readonly bool _ownGroup;

    public ChildProcess(Process process, LaunchPlan plan, Func<string, ValueTask> output, bool ownGroup, Action<int> onExit)
    {
        _process = process;
        _plan = plan;
        _ownGroup = ownGroup;
        Id = process.Id;
        var readers = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, output));
        Exited = ExitAsync(readers, onExit);
    }

    public int Id { get; }

    /// <summary>Completes with the exit code, or 128 + the signal that ended the process, when its output has been read.</summary>
    public Task<int> Exited { get; }

    public async Task StopAsync()
    {
        if (Exited.IsCompleted)
        {
            return;
        }

        Posix.Signal(Id, _plan.StopSignal);
        if (await Task.WhenAny(Exited, Task.Delay(_plan.StopTimeout)) != Exited)
        {
            Kill();
            await Exited;
        }
    }

    public void Kill()
    {
        if (_ownGroup)
        {
            Posix.SignalGroup(Id, Posix.Kill);
        }
        else if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    private async Task<int> ExitAsync(Task readers, Action<int> onExit)
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        if (_ownGroup)
        {
            // What it started and left behind goes with it.
            Posix.SignalGroup(Id, Posix.Kill);
        }

        onExit(Id);
        // A grandchild that moved to another group may hold the pipes open; its output is not worth waiting for.
        await Task.WhenAny(readers, Task.Delay(500));
        return code;
    }

    private static async Task ReadAsync(StreamReader reader, Func<string, ValueTask> output)
    {
        try
        {
            var buffer = new char[4096];
            var line = new System.Text.StringBuilder();
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    if (buffer[i] == '\n' || line.Length >= LongestLine)
                    {
                        await output(line.ToString().TrimEnd('\r'));
                        line.Clear();
                    }

                    if (buffer[i] != '\n')
                    {
                        line.Append(buffer[i]);
                    }
                }
            }

            if (line.Length > 0)
            {
                await output(line.ToString());
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or System.Threading.Channels.ChannelClosedException)
        {
            // The run is over and its archive closed.
        }
    }
}

internal static class Executables
{
    private static readonly Lock Forking = new();
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/opt/homebrew/bin", "/opt/homebrew/sbin"];

    /// <summary>The full path of a program on PATH or in the usual system folders, which a person's PATH may lack.</summary>
    public static string? Find(string name) =>
        (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>
    /// Starts a process while no other is being started. Between fork and exec a new process still holds a copy of every socket of ours; with two starts at
    /// once, the other's copy of a port that was just released would keep the server it was released for from binding it.
    /// </summary>
    public static Process Start(ProcessStartInfo description)
    {
        lock (Forking)
        {
            return Process.Start(description) ?? throw new InvalidOperationException($"{description.FileName} did not start.");
        }
    }

    /// <summary>Runs a short program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string file, IEnumerable<string> arguments, CancellationToken cancellationToken, string workingDirectory = "/")
    {
        using var process = Start(new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
