using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Network;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Running;

namespace ChatSphere.LocalHosting.Servers;

/// <summary>
/// RabbitMQ without the wrapper that packages put into sbin, which insists on root or the user rabbitmq and on /var/lib/rabbitmq. The node has its own
/// name, cookie, epmd and ports, so that it neither meets nor disturbs a RabbitMQ of the system.
/// </summary>
internal sealed class RabbitServer(RabbitMQServerResource rabbit, RunFolders folders, LocalSettings settings, Func<LaunchPlan, Task<ChildProcess>> startBeside) : Recipe(rabbit)
{
    private readonly bool _keep = rabbit.Annotations.OfType<DataVolume>().Any() && !settings.TemporaryData;
    private ChildProcess? _epmd;

    public override async Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken)
    {
        var folder = folders.DataOf(rabbit.Name, _keep);
        foreach (var part in (string[])["", "home", "mnesia", "log", "config", "plugins"])
        {
            RunFolders.CreatePrivate(Path.Combine(folder, part));
        }

        using var epmdPort = LoopbackPort.ReserveAny();
        using var distributionPort = LoopbackPort.ReserveAny();
        var management = DeclaredEndpoint.Find(rabbit, "management");
        PrivateFile.Write(Path.Combine(folder, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{Endpoint("tcp").ReplicaPorts[0]}
            default_user = {await rabbit.UserNameReference.GetValueAsync(cancellationToken)}
            default_pass = {await rabbit.PasswordParameter.GetValueAsync(cancellationToken)}
            log.console = true
            log.console.level = warning
            log.file = false
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 50MB
            {(management is null ? "" : $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management.ReplicaPorts[0]}")}

            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "enabled_plugins"), management is null ? "[].\n" : "[rabbitmq_management].\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "rabbitmq-env.conf"), "", cancellationToken);

        var epmd = new Dictionary<string, string> { ["ERL_EPMD_ADDRESS"] = "127.0.0.1", ["ERL_EPMD_PORT"] = $"{epmdPort.Number}", ["HOME"] = Path.Combine(folder, "home") };
        epmdPort.Dispose();
        distributionPort.Dispose();
        await OnStoppedAsync();
        _epmd = await startBeside(new LaunchPlan(Toolbox.Epmd, [], folder) { CleanEnvironment = true, Environment = epmd, StopTimeout = TimeSpan.FromMilliseconds(500) });

        // The node's name is part of where its data is, so it follows the folder. Schedulers that wait busily would take the time from everything else that starts.
        var node = "rabbit-" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..8].ToLowerInvariant();
        return new LaunchPlan(Toolbox.Rabbit, [], folder)
        {
            CleanEnvironment = true,
            // Its message stores are flushed within milliseconds; then the management plugin waits five seconds for statistics nobody wants any more.
            // What is left after that, Mnesia and Raft logs, is made to survive a kill.
            StopSignal = _keep ? Posix.Terminate : Posix.Kill,
            StopTimeout = TimeSpan.FromSeconds(2.5),
            Environment = new Dictionary<string, string>(epmd)
            {
                ["RABBITMQ_NODENAME"] = $"{node}@localhost",
                ["RABBITMQ_DIST_PORT"] = $"{distributionPort.Number}",
                ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder, "rabbitmq-env.conf"),
                ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
                ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(folder, "config", "advanced.config"),
                ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(folder, "config"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
                ["RABBITMQ_PLUGINS_EXPAND_DIR"] = Path.Combine(folder, "plugins"),
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
                ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
                ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
                ["RABBITMQ_LOGS"] = "-",
                // The script then becomes the server instead of watching it, so that signals reach the server itself.
                ["RABBITMQ_ALLOW_INPUT"] = "true",
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                    "-noinput -kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +SDcpu 2:2 +SDio 4 +sbwt none +sbwtdcpu none +sbwtdio none",
            },
        };
    }

    public override IReadOnlyList<Probe> Probes(int replica) =>
    [
        new($"{rabbit.Name}_check", async cancellationToken => await AmqpHandshake.TryAsync(
            Endpoint("tcp").ReplicaPorts[0],
            (await rabbit.UserNameReference.GetValueAsync(cancellationToken))!,
            (await rabbit.PasswordParameter.GetValueAsync(cancellationToken))!,
            cancellationToken)),
    ];

    public override async Task OnStoppedAsync()
    {
        if (_epmd is not null)
        {
            await _epmd.StopAsync();
            _epmd = null;
        }
    }
}
