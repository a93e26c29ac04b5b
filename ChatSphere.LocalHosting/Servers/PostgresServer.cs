using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Running;
using Npgsql;

namespace ChatSphere.LocalHosting.Servers;

internal sealed class PostgresServer(PostgresServerResource postgres, RunFolders folders, LocalSettings settings, IReadOnlyList<PostgresDatabaseResource> databases) : Recipe(postgres)
{
    private const int OldestVersion = 13;
    private readonly bool _keep = postgres.Annotations.OfType<DataVolume>().Any() && !settings.TemporaryData;

    private string Folder => folders.DataOf(postgres.Name, _keep);
    private string Data => Path.Combine(Folder, "data");

    public override async Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken)
    {
        var bin = Path.GetDirectoryName(Toolbox.Postgres)!;
        // Postgres refuses to run as root, with good reason.
        var user = Posix.IsRoot
            ? SystemUser.Find("postgres", "nobody") ?? throw new DistributedApplicationException("Postgres does not run as root, and this system has neither a user 'postgres' nor 'nobody'.")
            : null;
        RunFolders.CreatePrivate(Folder);
        if (user is not null)
        {
            Posix.ChangeOwner(Folder, user.Id, user.GroupId);
            folders.MakeTraversable(Folder);
        }

        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            await CreateClusterAsync(bin, user, cancellationToken);
        }
        else
        {
            await CheckVersionAsync(cancellationToken);
        }

        // The data's lock is ours and leftovers were ended, so a pid file that is still here names nobody, or somebody else by now.
        File.Delete(Path.Combine(Data, "postmaster.pid"));

        List<string> arguments = ["-D", Data];
        void Set(string name, string value) => arguments.AddRange(["-c", $"{name}={value}"]);
        Set("port", Endpoint("tcp").ReplicaPorts[0].ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set("listen_addresses", "127.0.0.1");
        Set("unix_socket_directories", "");
        Set("max_connections", "200");
        Set("logging_collector", "off");
        Set("cluster_name", postgres.Name);
        if (!_keep)
        {
            // Data that is thrown away need not survive a power cut.
            Set("fsync", "off");
            Set("synchronous_commit", "off");
            Set("full_page_writes", "off");
        }

        return new LaunchPlan(Toolbox.Postgres, arguments, Folder)
        {
            CleanEnvironment = true,
            User = user,
            // Fast shutdown: sessions are cut, data is checkpointed.
            StopSignal = Posix.Interrupt,
        };
    }

    public override IReadOnlyList<Probe> Probes(int replica) =>
    [
        new($"{postgres.Name}_check", async cancellationToken =>
        {
            await using var connection = await OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
        }),
    ];

    public override async Task OnHealthyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        foreach (var database in databases)
        {
            await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database.DatabaseName } } };
            if (await exists.ExecuteScalarAsync(cancellationToken) is null)
            {
                var quoted = database.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal);
#pragma warning disable CA2100 // A database's name cannot be a parameter; it comes from the model and is quoted.
                await using var create = new NpgsqlCommand($"CREATE DATABASE \"{quoted}\"", connection);
#pragma warning restore CA2100
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    private async Task CreateClusterAsync(string bin, SystemUser? user, CancellationToken cancellationToken)
    {
        // What an initdb that was cut off left behind has no PG_VERSION yet, or no complete catalog: it is made in a folder beside and moved when done.
        var unfinished = Data + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        var password = Path.Combine(Folder, "password");
        PrivateFile.Write(password, (await postgres.PasswordParameter.GetValueAsync(cancellationToken))!);
        var userName = (await postgres.UserNameReference.GetValueAsync(cancellationToken))!;
        List<string> arguments =
        [
            "-D", unfinished, "--username", userName, "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions",
        ];
        if (!_keep)
        {
            arguments.Add("--no-sync");
        }

        var file = Path.Combine(bin, "initdb");
        if (user is not null)
        {
            Posix.ChangeOwner(password, user.Id, user.GroupId);
            arguments = ["--reuid", $"{user.Id}", "--regid", $"{user.GroupId}", "--clear-groups", "--", file, .. arguments];
            file = Executables.Find("setpriv") ?? throw new DistributedApplicationException("setpriv (util-linux) is needed to run Postgres as another user than root.");
        }

        try
        {
            var (exitCode, output) = await Executables.RunAsync(file, arguments, cancellationToken, workingDirectory: Folder);
            if (exitCode != 0)
            {
                throw new DistributedApplicationException($"initdb failed with exit code {exitCode}: {output.Trim()}");
            }
        }
        finally
        {
            File.Delete(password);
        }

        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }

        Directory.Move(unfinished, Data);
    }

    private async Task CheckVersionAsync(CancellationToken cancellationToken)
    {
        var made = (await File.ReadAllTextAsync(Path.Combine(Data, "PG_VERSION"), cancellationToken)).Trim();
        var installed = await VersionAsync(Toolbox.Postgres, cancellationToken);
        if (made != installed.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            throw new DistributedApplicationException(
                $"The data in {Data} was made by PostgreSQL {made}, but PostgreSQL {installed} is installed. Upgrade it with pg_upgrade, or move the folder away to start anew.");
        }
    }

    internal static async Task<int> VersionAsync(string postgres, CancellationToken cancellationToken)
    {
        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
        var (_, output) = await Executables.RunAsync(postgres, ["--version"], cancellationToken);
        var number = output.Split(' ').FirstOrDefault(w => w.Length > 0 && char.IsAsciiDigit(w[0]))?.Split('.', 'b', 'r', 'd')[0];
        var version = int.TryParse(number, out var major) ? major : 0;
        return version >= OldestVersion ? version : throw new DistributedApplicationException($"{postgres} is too old ({output.Trim()}): PostgreSQL {OldestVersion} or newer is needed.");
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var user = await postgres.UserNameReference.GetValueAsync(cancellationToken);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Endpoint("tcp").ReplicaPorts[0],
            Username = user,
            Password = await postgres.PasswordParameter.GetValueAsync(cancellationToken),
            Database = "postgres",
            Pooling = false,
            Timeout = 3,
            CommandTimeout = 5,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
