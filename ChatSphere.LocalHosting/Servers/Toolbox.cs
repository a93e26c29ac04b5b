using System.Diagnostics;
using Aspire.Hosting;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Running;

namespace ChatSphere.LocalHosting.Servers;

/// <summary>Where the programs are that a run needs, and how they get onto the machine when they are not there.</summary>
internal static class Toolbox
{
    private static readonly Dictionary<string, (string Package, Func<string?> Find)> Known = new()
    {
        ["postgres"] = ("postgresql", FindPostgres),
        ["redis-server"] = ("redis-server", () => Executables.Find("redis-server") ?? Executables.Find("valkey-server")),
        ["rabbitmq-server"] = ("rabbitmq-server", () => FindRabbit() is { } found && FindEpmd() is not null ? found : null),
        ["pdftotext"] = ("poppler-utils", () => Executables.Find("pdftotext")),
    };

    public static string Postgres => FindPostgres() ?? throw Gone("postgres");
    public static string Redis => Known["redis-server"].Find() ?? throw Gone("redis-server");
    public static string Rabbit => FindRabbit() ?? throw Gone("rabbitmq-server");
    public static string Epmd => FindEpmd() ?? throw Gone("epmd");

    /// <summary>Returns when every tool is there; throws one message that names all that are missing and the command that installs them.</summary>
    public static async Task EnsureAsync(IEnumerable<string> tools, LocalSettings settings, Func<string, ValueTask> announce, CancellationToken cancellationToken)
    {
        var wanted = tools.Distinct().ToList();
        if (wanted.Find(t => !Known.ContainsKey(t)) is { } unknown)
        {
            throw new DistributedApplicationException($"LocalHosting:Tools names '{unknown}', which is not one of {string.Join(", ", Known.Keys)}.");
        }

        var packages = Missing(wanted);
        if (packages.Count > 0)
        {
            if (!settings.Install || await RootPrefixAsync(cancellationToken) is not { } prefix)
            {
                throw NotThere(packages);
            }

            await announce($"Installing {string.Join(", ", packages)} with apt-get (not here yet; the services they bring are not started) ...");
            var (exitCode, output) = await InstallAsync(prefix, packages, cancellationToken);
            if (Missing(wanted) is { Count: > 0 } still)
            {
                var tail = string.Join(System.Environment.NewLine, output.TrimEnd().Split('\n').TakeLast(15));
                throw new DistributedApplicationException($"apt-get ended with exit code {exitCode}:{System.Environment.NewLine}{tail}{System.Environment.NewLine}{NotThere(still).Message}");
            }

            await announce("Installed.");
        }

        if (wanted.Contains("postgres"))
        {
            await PostgresServer.VersionAsync(Postgres, cancellationToken);
        }
    }

    private static List<string> Missing(IEnumerable<string> tools) => [.. tools.Select(t => Known[t]).Where(k => k.Find() is null).Select(k => k.Package).Distinct()];

    private static DistributedApplicationException NotThere(List<string> packages) => new(
        $"Missing on this machine: {string.Join(", ", packages)}. "
        + (OperatingSystem.IsMacOS()
            ? $"Install with: brew install {string.Join(' ', packages.Select(p => p switch { "postgresql" => "postgresql@17", "redis-server" => "redis", "rabbitmq-server" => "rabbitmq", "poppler-utils" => "poppler", _ => p }))}"
            : $"Install with: sudo apt-get update && sudo apt-get install -y --no-install-recommends {string.Join(' ', packages)}")
        + $"{System.Environment.NewLine}(or the packages of the same content that your system has), then start again. Nothing was started.");

    private static DistributedApplicationException Gone(string program) => new($"{program} is not on this machine any more.");

    // Null where nothing may be installed: another distribution, or neither root nor sudo without a password.
    private static async Task<string[]?> RootPrefixAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || Executables.Find("apt-get") is null || !File.Exists("/etc/os-release"))
        {
            return null;
        }

        var system = File.ReadLines("/etc/os-release").Where(l => l.StartsWith("ID=", StringComparison.Ordinal) || l.StartsWith("ID_LIKE=", StringComparison.Ordinal))
            .SelectMany(l => l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"').Split(' ')).ToHashSet();
        if (!system.Contains("debian") && !system.Contains("ubuntu"))
        {
            return null;
        }

        if (Posix.IsRoot)
        {
            return [];
        }

        return Executables.Find("sudo") is { } sudo && (await Executables.RunAsync(sudo, ["-n", "true"], cancellationToken)).ExitCode == 0 ? [sudo, "-n"] : null;
    }

    // One script, so that what it changes for the time of the installation is put back however it ends. policy-rc.d is how Debian asks whether a package may
    // start its service, createcluster.d how postgresql-common asks whether to make a database of its own. The lock is for a second AppHost that installs the same.
    private static async Task<(int ExitCode, string Output)> InstallAsync(string[] prefix, List<string> packages, CancellationToken cancellationToken)
    {
        const string script = """
            set -u
            exec 9>/run/lock/chatsphere-install 2>/dev/null && flock 9
            policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d made= folder=
            clean() { for f in $made; do rm -f "$f"; done; [ -z "$folder" ] || rmdir "$folder" /etc/postgresql-common 2>/dev/null; }
            trap clean EXIT
            trap 'exit 130' INT TERM HUP
            if [ ! -e "$policy" ]; then
              made="$made $policy"
              printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy"
            fi
            [ -d "$clusters" ] || { folder=$clusters; mkdir -p "$clusters"; }
            made="$made $clusters/zz-chatsphere.conf"
            echo 'create_main_cluster = false' > "$clusters/zz-chatsphere.conf"
            export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
            install() { apt-get -o DPkg::Lock::Timeout=300 -y --no-install-recommends install "$@"; }
            apt-get -o DPkg::Lock::Timeout=300 update || echo 'apt-get update failed; trying with the lists that are here.'
            install "$@" || { apt-get -o DPkg::Lock::Timeout=300 update; install "$@"; }
            """;
        List<string> command = [.. prefix, "/bin/sh", "-c", script, "chatsphere-install", .. packages];
        using var process = Executables.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        // Not cut off by Ctrl+C: a half-configured package is worse than a wait.
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return (process.ExitCode, await output + await error);
    }

    private static string? FindPostgres() =>
        Versions("/usr/lib/postgresql", "/usr/pgsql-*", "/opt/homebrew/opt/postgresql@*", "/usr/local/opt/postgresql@*")
            .Select(folder => Path.Combine(folder, "bin", "postgres"))
            .Append(Executables.Find("postgres"))
            .FirstOrDefault(path => path is not null && File.Exists(path) && File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "initdb")));

    // Newest first: /usr/lib/postgresql/17 before /usr/lib/postgresql/9.6.
    private static IEnumerable<string> Versions(params string[] places) => places
        .SelectMany(place => place.EndsWith('*')
            ? Directory.Exists(Path.GetDirectoryName(place)) ? Directory.GetDirectories(Path.GetDirectoryName(place)!, Path.GetFileName(place)) : []
            : Directory.Exists(place) ? Directory.GetDirectories(place) : [])
        .OrderByDescending(folder => double.TryParse(Path.GetFileName(folder).Split('-', '@')[^1], System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : 0);

    private static string? FindRabbit() =>
        ((string[])["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server", "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server", "/usr/local/opt/rabbitmq/sbin/rabbitmq-server"])
            .FirstOrDefault(File.Exists)
        ?? (Directory.Exists("/usr/lib/rabbitmq/lib")
            ? Directory.GetDirectories("/usr/lib/rabbitmq/lib").Order().Select(d => Path.Combine(d, "sbin", "rabbitmq-server")).LastOrDefault(File.Exists)
            : null);

    private static string? FindEpmd() =>
        Executables.Find("epmd") ?? (Directory.Exists("/usr/lib/erlang")
            ? Directory.GetDirectories("/usr/lib/erlang", "erts-*").Order().Select(d => Path.Combine(d, "bin", "epmd")).LastOrDefault(File.Exists)
            : null);
}
