using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ChatSphere.LocalHosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The state of every resource, one entry for each replica, and everything that changes it.</summary>
[SuppressMessage("Design", "CA1063:Implement IDisposable correctly", Justification = "Aspire's shape.")]
[SuppressMessage("Usage", "CA1816:Dispose methods should call SuppressFinalize", Justification = "Aspire's shape.")]
public class ResourceNotificationService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly OutputArchive _output;

    internal ResourceNotificationService(OutputArchive output) => _output = output;

    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (_gate)
        {
            foreach (var known in _current.Values)
            {
                channel.Writer.TryWrite(known);
            }

            _watchers.Add(channel);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel);
            }
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (var change in WatchAsync(cancellationToken))
            {
                if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
                {
                    return change;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The wait for '{resourceName}' was cancelled. {Describe(resourceName)}", cancellationToken);
        }

        throw new OperationCanceledException($"The application was disposed of while something waited for '{resourceName}'.");
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var wanted = targetStates.ToHashSet();
        return (await WaitForResourceAsync(resourceName, e => e.Snapshot.State is { } state && wanted.Contains(state.Text), cancellationToken)).Snapshot.State!.Text;
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.StopOnResourceUnavailable, cancellationToken);

    /// <summary>Returns when every replica is healthy; throws, with the last lines it wrote, when one has given up.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(
            resourceName,
            change =>
            {
                if (waitBehavior == WaitBehavior.StopOnResourceUnavailable && KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text))
                {
                    throw new DistributedApplicationException($"'{resourceName}' will not become healthy. {Describe(resourceName)}");
                }

                return All(resourceName).All(e => LocalStates.IsReady(e.Snapshot));
            },
            cancellationToken);

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
        {
            return _current.TryGetValue(resourceId, out resourceEvent)
                || (resourceEvent = _current.Values.FirstOrDefault(e => string.Equals(e.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase))) is not null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryComplete();
            }
        }
    }

    internal ImmutableArray<ResourceEvent> All(string? resourceName = null)
    {
        lock (_gate)
        {
            return [.. _current.Values.Where(e => resourceName is null || string.Equals(e.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase))];
        }
    }

    internal void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_gate)
        {
            var before = _current.TryGetValue(resourceId, out var known)
                ? known.Snapshot
                : new CustomResourceSnapshot { ResourceType = LocalStates.TypeOf(resource), Properties = [], CreationTimeStamp = DateTime.UtcNow };
            var after = change(before);
            if (after == before && known is not null)
            {
                return;
            }

            var published = new ResourceEvent(resource, resourceId, after);
            _current[resourceId] = published;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(published);
            }
        }
    }

    internal string Describe(string resourceName)
    {
        var states = All(resourceName);
        if (states.Length == 0)
        {
            return "It is not in the running application.";
        }

        var text = string.Join(" ", states.Select(e => $"{e.ResourceId} is {e.Snapshot.State?.Text ?? "unknown"}{(e.Snapshot.ExitCode is { } code ? $" (exit code {code})" : "")}."
            + string.Concat(e.Snapshot.HealthReports.Where(r => r.Description is { Length: > 0 }).Select(r => $" {r.Description}"))));
        var lines = _output.Tail(resourceName);
        return lines.Count == 0 ? text : $"{text} Its last lines:{System.Environment.NewLine}  {string.Join(System.Environment.NewLine + "  ", lines)}";
    }
}

public class ResourceCommandService
{
    private readonly LocalRun _run;

    internal ResourceCommandService(LocalRun run) => _run = run;

    /// <summary>Runs a command on one replica (its resource id) or on all replicas of a resource (its name).</summary>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        _run.ExecuteCommandAsync(resourceId, commandName, cancellationToken);

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        _run.ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
}
