using Aspire.Hosting;
using ChatSphere.LocalHosting.Processes;

namespace ChatSphere.LocalHosting.Running;

/// <summary>
/// Where a run keeps what it keeps: <c>Root</c> belongs to this AppHost's path and outlives runs, <c>Temporary</c> goes with the run. A lock on Root, which the
/// kernel releases however the process ends, keeps two runs from the same data.
/// </summary>
internal sealed class RunFolders(LocalSettings settings, string appHostName, string pathHash) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Traversable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly Lock _gate = new();
    private FileStream? _lock;
    private string? _temporary;

    public string Root { get; } = settings.DataFolder ?? Path.Combine(DefaultHome(), $"{appHostName}-{pathHash[..10].ToLowerInvariant()}");

    public string Logs { get; private set; } = "";

    /// <summary>Why data is where a person would not look for it; null when it is in the usual place.</summary>
    public string? Remark { get; } = settings.DataFolder is null && !OperatingSystem.IsWindows() && !Posix.IsRoot && HomeFolder() is null
        ? "HOME is not set, so data is under the temporary folder and may be cleaned away."
        : null;

    /// <summary>The processes of this run, so that a run after a crash can end what is left of them.</summary>
    public string RunningFile => Path.Combine(Root, "running");

    public string Temporary
    {
        get
        {
            lock (_gate)
            {
                if (_temporary is null)
                {
                    _temporary = Directory.CreateTempSubdirectory("chatsphere-").FullName;
                    SetMode(_temporary, OwnerOnly);
                }

                return _temporary;
            }
        }
    }

    public void OpenLogs()
    {
        var all = Path.Combine(Root, "logs");
        CreatePrivate(all);
        var name = $"{DateTime.Now:yyyyMMdd-HHmmss}-{System.Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";
        Logs = Path.Combine(all, name);
        CreatePrivate(Logs);
        var keep = settings.Testing ? 30 : 5;
        foreach (var old in Directory.GetDirectories(all).Order().SkipLast(keep).Where(f => !IsOfLiveProcess(f)))
        {
            try
            {
                Directory.Delete(old, recursive: true);
            }
            catch (IOException)
            {
                // Another run tidies up at the same moment.
            }
        }
    }

    public void LockData()
    {
        CreatePrivate(Root);
        var lockFile = Path.Combine(Root, "lock");
        var holder = Path.Combine(Root, "lock.pid");
        try
        {
            _lock = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var pid = File.Exists(holder) ? File.ReadAllText(holder).Trim() : "unknown";
            throw new DistributedApplicationException(
                $"The data in {Root} is in use by another run of this AppHost (process {pid}). Stop that one first, or start this one with data of its own: "
                + "--Volumes=temporary, or --LocalHosting:DataFolder=<another folder>.");
        }

        File.WriteAllText(holder, System.Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The folder of one resource's data, kept or temporary.</summary>
    public string DataOf(string name, bool keep) => Path.Combine(keep && !settings.TemporaryData ? Root : Temporary, name);

    /// <summary>Lets another user (the one Postgres runs as) reach folders below these, without reading what else is in them.</summary>
    public void MakeTraversable(string folder)
    {
        for (var parent = Directory.GetParent(folder); parent is not null && (parent.FullName == Root || parent.FullName == _temporary || parent.FullName == Path.GetDirectoryName(Root)); parent = parent.Parent)
        {
            SetMode(parent.FullName, Traversable);
        }
    }

    public static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
        lock (_gate)
        {
            if (_temporary is not null && Directory.Exists(_temporary))
            {
                try
                {
                    Directory.Delete(_temporary, recursive: true);
                }
                catch (IOException)
                {
                    // A process that was just killed may still hold its last file open; what is left is in the system's temporary folder.
                }
            }

            _temporary = null;
        }
    }

    private static string DefaultHome()
    {
        if (Posix.IsRoot)
        {
            // /root is closed to the user that Postgres must run as.
            return "/var/lib/chatsphere";
        }

        return HomeFolder() is { } home ? Path.Combine(home, "chatsphere") : Path.Combine(Path.GetTempPath(), "chatsphere-" + System.Environment.UserName);
    }

    private static string? HomeFolder()
    {
        if (System.Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data))
        {
            return data;
        }

        return System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile, System.Environment.SpecialFolderOption.DoNotVerify) is { Length: > 1 } home && Directory.Exists(home)
            ? Path.Combine(home, ".local", "share")
            : null;
    }

    private static bool IsOfLiveProcess(string runFolder) =>
        Path.GetFileName(runFolder).Split('-') is [_, _, var pid, ..] && int.TryParse(pid, out var id) && Posix.IsAlive(id);

    private static void SetMode(string folder, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, mode);
        }
    }
}

/// <summary>Temporary folders that AppHost.cs asks for, inside the run's own.</summary>
internal sealed class RunTempFolders(RunFolders folders) : IFileSystemService, ITempFileSystemService
{
    public ITempFileSystemService TempDirectory => this;

    public TempDirectory CreateTempSubdirectory(string? prefix = null)
    {
        var path = Path.Combine(folders.Temporary, $"{prefix ?? "folder"}-{Guid.NewGuid().ToString("N")[..8]}");
        RunFolders.CreatePrivate(path);
        return new Folder(path);
    }

    private sealed class Folder(string path) : TempDirectory
    {
        public override string Path => path;

        public override void Dispose()
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }
}
