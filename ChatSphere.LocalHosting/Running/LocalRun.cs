using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Network;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChatSphere.LocalHosting.Running;

/// <summary>The application while it runs: folders, tools, ports, one runner for each process, and their end.</summary>
internal sealed class LocalRun : IAsyncDisposable
{
    private readonly LocalSettings _settings;
    private readonly RunFolders _folders;
    private readonly GeneratedSecrets _secrets;
    private readonly IReadOnlyList<IResource> _resources;
    private readonly ResourceNotificationService _notifications;
    private readonly OutputArchive _output;
    private readonly IConfiguration _configuration;
    private readonly DistributedApplicationExecutionContext _context;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenRegistration _onShutdown;
    private readonly SemaphoreSlim _stopGate = new(1, 1);
    private readonly List<ReplicaRunner> _runners = [];
    private readonly List<LoadBalancer> _balancers = [];
    private readonly List<string> _remarks = [];
    private Launcher? _launcher;
    private PosixSignalRegistration? _secondInterrupt;
    private bool _stopped;

    public LocalRun(
        LocalSettings settings, RunFolders folders, GeneratedSecrets secrets, IResourceCollection resources, ResourceNotificationService notifications, OutputArchive output,
        IConfiguration configuration, DistributedApplicationExecutionContext context, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    {
        _settings = settings;
        _folders = folders;
        _secrets = secrets;
        _resources = [.. resources];
        _notifications = notifications;
        _output = output;
        _configuration = configuration;
        _context = context;
        _logger = loggers.CreateLogger("Aspire.Hosting");
        _onShutdown = lifetime.ApplicationStopping.Register(_stopping.Cancel);
    }

    public bool IsStopping => _stopping.IsCancellationRequested;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var token = linked.Token;

        await InstallToolsAsync(token);
        var keepsData = !_settings.TemporaryData;
        if (keepsData)
        {
            _folders.LockData();
            await Launcher.EndLeftoversAsync(_folders.RunningFile, token);
            _secrets.Persistent = true;
        }

        _folders.OpenLogs();
        _launcher = new Launcher(_folders.Temporary, keepsData ? _folders.RunningFile : null);
        if (!_settings.Testing)
        {
            var interrupts = 0;
            _secondInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
            {
                if (Interlocked.Increment(ref interrupts) > 1)
                {
                    _runners.ForEach(r => r.KillNow());
                }
            });
        }

        foreach (var resource in _resources)
        {
            Add(resource);
        }

        _output.Open(_folders.Logs, _runners.Select(r => r.Label));
        foreach (var completed in _resources.SelectMany(r => r.Annotations.OfType<Wait>()).Where(w => w.Kind == WaitKind.Completed).Select(w => w.Dependency).ToHashSet())
        {
            _runners.Where(r => r.Recipe.Resource == completed).ToList().ForEach(r => r.RunsToCompletion = true);
        }

        // All first states before the first start, so that whoever waits sees every replica it has to wait for.
        foreach (var runner in _runners)
        {
            _notifications.Publish(runner.Recipe.Resource, runner.Id, s => s with { State = KnownResourceStates.NotStarted, Urls = UrlsOf(runner.Recipe.Resource) });
            foreach (var child in runner.Children)
            {
                _notifications.Publish(child, child.Name, s => s with { State = KnownResourceStates.NotStarted });
            }
        }

        await Task.WhenAll(_runners.Where(r => !r.Recipe.Resource.Annotations.OfType<ExplicitStart>().Any()).Select(r => r.StartAsync()));
        if (!_settings.Testing)
        {
            _ = AnnounceAsync(clock);
        }
    }

    /// <summary>Returns when the person or the system asks the AppHost to end.</summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await Task.Delay(Timeout.Infinite, linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task StopAsync()
    {
        await _stopGate.WaitAsync();
        try
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            await _stopping.CancelAsync();
            // Programs before the servers they use: what they still have to write, they can.
            await Task.WhenAll(_runners.Where(r => !r.Recipe.IsServer).Select(r => r.StopAsync()));
            await Task.WhenAll(_runners.Where(r => r.Recipe.IsServer).Select(r => r.StopAsync()));
            foreach (var runner in _runners)
            {
                await runner.DisposeAsync();
            }

            foreach (var balancer in _balancers)
            {
                await balancer.DisposeAsync();
            }

            _launcher?.Dispose();
            _secondInterrupt?.Dispose();
            _folders.Dispose();
        }
        finally
        {
            _stopGate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _output.DisposeAsync();
        await _onShutdown.DisposeAsync();
        _notifications.Dispose();
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string command, CancellationToken cancellationToken)
    {
        var targets = _runners.Where(r => string.Equals(r.Id, resourceId, StringComparison.OrdinalIgnoreCase) || string.Equals(r.Recipe.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)).ToList();
        if (targets.Count == 0)
        {
            return new() { Success = false, Message = $"There is no running resource '{resourceId}'." };
        }

        // Aspire 9 named the same commands resource-start and so on; both names are known there too.
        switch (command.Replace("resource-", "", StringComparison.Ordinal))
        {
            case "start":
                await Task.WhenAll(targets.Select(r => r.StartAsync())).WaitAsync(cancellationToken);
                break;
            case "stop":
                await Task.WhenAll(targets.Select(r => r.StopAsync())).WaitAsync(cancellationToken);
                break;
            case "restart":
                await Task.WhenAll(targets.Select(async r =>
                {
                    await r.StopAsync();
                    await r.StartAsync();
                })).WaitAsync(cancellationToken);
                break;
            default:
                return new() { Success = false, Message = $"'{resourceId}' has no command '{command}'." };
        }

        return new() { Success = true };
    }

    private async Task InstallToolsAsync(CancellationToken token)
    {
        var needed = _resources.Select(r => r switch
        {
            PostgresServerResource => "postgres",
            RedisResource => "redis-server",
            RabbitMQServerResource => "rabbitmq-server",
            _ => null,
        }).OfType<string>().Concat(_settings.Tools);
        await Toolbox.EnsureAsync(needed, _settings, message => new ValueTask(_settings.Testing ? Task.CompletedTask : Console.Out.WriteLineAsync(message)), token);
    }

    private void Add(IResource resource)
    {
        switch (resource)
        {
            case PostgresServerResource postgres:
                var databases = _resources.OfType<PostgresDatabaseResource>().Where(d => d.Parent == postgres).ToList();
                AddRunners(new PostgresServer(postgres, _folders, _settings, databases), databases);
                break;
            case RedisResource redis:
                AddRunners(new RedisServer(redis, _folders, _settings));
                break;
            case RabbitMQServerResource rabbit:
                AddRunners(new RabbitServer(rabbit, _folders, _settings, plan => _launcher!.StartAsync(plan, line => _output.WriteAsync(rabbit.Name, rabbit.Name, line))));
                break;
            case QdrantServerResource qdrant when QdrantServer.ConfiguredElsewhere(qdrant, _configuration) is not null:
                _notifications.Publish(qdrant, qdrant.Name, s => s with { State = KnownResourceStates.Running });
                break;
            case QdrantServerResource qdrant when QdrantServer.Executable is null:
                _notifications.Publish(qdrant, qdrant.Name, s => s with { State = new ResourceStateSnapshot(LocalStates.Skipped, KnownResourceStateStyles.Info) });
                break;
            case QdrantServerResource qdrant:
                AddRunners(new QdrantServer(qdrant, _folders, _settings));
                break;
            case ProjectResource project:
                AddRunners(new ProjectProgram(project, _settings, _context, _output.Coloured));
                break;
            case ExecutableResource executable:
                AddRunners(new ExecutableProgram(executable, _settings, _context));
                break;
            case PostgresDatabaseResource:
                // Follows its server.
                break;
            case ContainerResource:
                throw new DistributedApplicationException($"'{resource.Name}' is a container, and there is no container engine. Build with UseAspire=true where there is one.");
            default:
                _notifications.Publish(resource, resource.Name, s => s with { State = KnownResourceStates.Running });
                break;
        }
    }

    private void AddRunners(Recipe recipe, IReadOnlyList<IResource>? children = null)
    {
        var resource = recipe.Resource;
        var count = resource.Annotations.OfType<Replicas>().LastOrDefault()?.Count ?? 1;
        var runners = Enumerable.Range(0, count).Select(replica => new ReplicaRunner(
            recipe, replica, $"{resource.Name}-{Guid.NewGuid().ToString("N")[..8]}", count == 1 ? resource.Name : $"{resource.Name}-{replica + 1}",
            _launcher!, _notifications, _output, _settings, _logger)
        {
            Children = children ?? [],
        }).ToList();
        _runners.AddRange(runners);
        foreach (var endpoint in resource.Annotations.OfType<DeclaredEndpoint>())
        {
            Allocate(resource, endpoint, runners);
        }
    }

    private void Allocate(IResource resource, DeclaredEndpoint endpoint, List<ReplicaRunner> runners)
    {
        if (runners.Count > 1 && (endpoint.TargetPort is not null || !endpoint.IsProxied))
        {
            throw new DistributedApplicationException($"'{resource.Name}' has {runners.Count} replicas, so its endpoint '{endpoint.Name}' needs a proxy and must leave the target port open.");
        }

        var wanted = _settings.Testing ? null : endpoint.Port ?? (endpoint.IsProxied ? null : endpoint.TargetPort);
        if (runners.Count == 1 && (endpoint.TargetPort is null || endpoint.TargetPort == wanted || _settings.Testing))
        {
            // One process listens on the port itself: no hop in between.
            var port = (wanted is { } number ? LoopbackPort.TryReserve(number) : null) ?? ReserveOther(resource, endpoint, wanted);
            runners[0].Held.Add(port);
            endpoint.ReplicaPorts = [port.Number];
            endpoint.AllocatedPort = port.Number;
            return;
        }

        var held = runners.ConvertAll(_ => endpoint.TargetPort is { } target
            ? LoopbackPort.TryReserve(target) ?? throw Taken(resource, endpoint, target)
            : LoopbackPort.ReserveAny());
        for (var i = 0; i < runners.Count; i++)
        {
            runners[i].Held.Add(held[i]);
        }

        endpoint.ReplicaPorts = [.. held.Select(p => p.Number)];
        int publicPort;
        using (var port = (wanted is { } number ? LoopbackPort.TryReserve(number) : null) ?? ReserveOther(resource, endpoint, wanted))
        {
            publicPort = port.Number;
        }

        var listener = LoopbackPort.TryListen(publicPort, backlog: 512) ?? throw Taken(resource, endpoint, publicPort);
        _balancers.Add(new LoadBalancer(listener, () => [.. runners.Where(r => r.IsRunning).Select(r => endpoint.ReplicaPorts[r.Replica])]));
        endpoint.AllocatedPort = publicPort;
    }

    // A person's address may move when it is taken, and is told so; a port that a program was configured for may not.
    private LoopbackPort ReserveOther(IResource resource, DeclaredEndpoint endpoint, int? wanted)
    {
        if (wanted is not { } taken)
        {
            return LoopbackPort.ReserveAny();
        }

        if (!endpoint.IsExternal)
        {
            throw Taken(resource, endpoint, taken);
        }

        LoopbackPort? next = null;
        for (var candidate = taken + 10; next is null && candidate < taken + 100; candidate += 10)
        {
            next = LoopbackPort.TryReserve(candidate);
        }

        next ??= LoopbackPort.ReserveAny();
        _remarks.Add($"Port {taken} of '{resource.Name}' is taken, so it is on {next.Number} instead.");
        return next;
    }

    private static DistributedApplicationException Taken(IResource resource, DeclaredEndpoint endpoint, int port) =>
        new($"Port {port}, which '{resource.Name}' asks for with its endpoint '{endpoint.Name}', is in use on this machine. End what listens there, or give the endpoint another port.");

    private static ImmutableArray<UrlSnapshot> UrlsOf(IResource resource)
    {
        if (resource is not IResourceWithEndpoints owner)
        {
            return [];
        }

        var urls = resource.Annotations.OfType<DeclaredEndpoint>().Where(e => e.Scheme.StartsWith("http", StringComparison.Ordinal) && e.AllocatedPort is not null)
            .Select(e => new UrlSnapshot(e.Name, new EndpointReference(owner, e.Name).Url, IsInternal: !e.IsExternal));
        var named = resource.Annotations.OfType<EndpointUrl>().Select(named =>
        {
            var endpoint = new EndpointReference(owner, named.EndpointName);
            var url = named.Create(endpoint);
            return new UrlSnapshot(url.DisplayText ?? named.EndpointName, new Uri(new Uri(endpoint.Url), url.Url).ToString(), IsInternal: false);
        });
        return [.. urls, .. named];
    }

    private async Task AnnounceAsync(Stopwatch clock)
    {
        try
        {
            var automatic = _runners.Where(r => !r.Recipe.Resource.Annotations.OfType<ExplicitStart>().Any()).Select(r => r.Id).ToHashSet();
            await foreach (var _ in _notifications.WatchAsync(_stopping.Token))
            {
                var states = _notifications.All().Where(e => automatic.Contains(e.ResourceId)).ToList();
                if (states.Exists(e => !LocalStates.IsReady(e.Snapshot) && !LocalStates.IsTerminal(e.Snapshot)))
                {
                    continue;
                }

                var failed = states.Where(e => LocalStates.IsTerminal(e.Snapshot) && (e.Snapshot.State?.Text == KnownResourceStates.FailedToStart || e.Snapshot.ExitCode is > 0)).ToList();
                await Console.Out.WriteLineAsync(failed.Count == 0 ? Summary(clock.Elapsed) : Failure(failed));
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped before everything was up.
        }
        catch (Exception e)
        {
            // Nobody awaits this task, and a summary that cannot be written must not go unnoticed.
            await Console.Error.WriteLineAsync(e.ToString());
        }
    }

    private string Summary(TimeSpan elapsed)
    {
        var text = new StringBuilder().AppendLine().AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"Everything is up after {elapsed.TotalSeconds:0.0} s.").AppendLine();
        void Row(string name, string value) => text.Append("  ").Append(name.PadRight(12)).AppendLine(value);
        foreach (var resource in _resources.Reverse())
        {
            foreach (var url in UrlsOf(resource).Where(u => !u.IsInternal))
            {
                Row(resource.Annotations.OfType<DeclaredEndpoint>().Any(e => e.Name == url.Name) ? resource.Name : url.Name!, url.Url);
            }
        }

        foreach (var resource in _resources)
        {
            foreach (var url in UrlsOf(resource).Where(u => u.IsInternal && u.Name == "management"))
            {
                Row(resource.Name, url.Url);
            }
        }

        Row("data", _settings.TemporaryData ? $"{_folders.Temporary} (removed at the end)" : _folders.Root);
        Row("logs", _folders.Logs);
        foreach (var skipped in _notifications.All().Where(e => e.Snapshot.State?.Text == LocalStates.Skipped))
        {
            Row("skipped", $"{skipped.Resource.Name} (not on this machine, and not needed)");
        }

        foreach (var remark in _remarks.Concat(_folders.Remark is { } r ? [r] : []))
        {
            Row("note", remark);
        }

        return text.AppendLine().Append("Ctrl+C stops all of it.").AppendLine().ToString();
    }

    private string Failure(List<ResourceEvent> failed)
    {
        var text = new StringBuilder().AppendLine().AppendLine("Not everything is up:").AppendLine();
        foreach (var name in failed.Select(e => e.Resource.Name).Distinct())
        {
            text.Append("  ").AppendLine(_notifications.Describe(name)).AppendLine();
        }

        return text.Append("Logs are in ").AppendLine(_folders.Logs).Append("Ctrl+C stops the rest.").AppendLine().ToString();
    }
}
