using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Network;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Servers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ChatSphere.LocalHosting.Running;

/// <summary>One process of a resource through its life: waits, starts, is probed, crashes and starts again, stops.</summary>
internal sealed class ReplicaRunner(
    Recipe recipe, int replica, string id, string label, Launcher launcher, ResourceNotificationService notifications, OutputArchive output, LocalSettings settings, ILogger logger)
    : IAsyncDisposable
{
    // Often enough that a start is not slower for being watched; the check itself is cheap.
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SteadyAfter = TimeSpan.FromSeconds(30);
    private const int StartsBeforeGivingUp = 3;

    private readonly SemaphoreSlim _commands = new(1, 1);
    private CancellationTokenSource? _stop;
    private Task _life = Task.CompletedTask;
    private ChildProcess? _child;

    public Recipe Recipe => recipe;
    public string Id => id;
    public string Label => label;
    public int Replica => replica;

    /// <summary>Where this replica's ports are held until its first start.</summary>
    public List<LoopbackPort> Held { get; } = [];

    /// <summary>True for a resource that others wait to complete: it ends by itself, and starting it again is not for us to decide.</summary>
    public bool RunsToCompletion { get; set; }

    /// <summary>Resources that live inside this one's process, such as databases: their state follows its.</summary>
    public IReadOnlyList<IResource> Children { get; init; } = [];

    public bool IsRunning => _child is { Exited.IsCompleted: false };

    public async Task StartAsync()
    {
        await _commands.WaitAsync();
        try
        {
            if (_life.IsCompleted)
            {
                _stop?.Dispose();
                _stop = new CancellationTokenSource();
                var stopping = _stop.Token;
                // Before this returns, so that whoever waits next does not take the end of the last life for the answer.
                Publish(s => s with { State = KnownResourceStates.Starting, ExitCode = null, StopTimeStamp = null });
                _life = Task.Run(() => LiveAsync(stopping), CancellationToken.None);
            }
        }
        finally
        {
            _commands.Release();
        }
    }

    public async Task StopAsync()
    {
        await _commands.WaitAsync();
        try
        {
            if (!_life.IsCompleted)
            {
                await _stop!.CancelAsync();
            }

            await _life;
        }
        finally
        {
            _commands.Release();
        }
    }

    public void KillNow() => _child?.Kill();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Held.ForEach(p => p.Dispose());
        _stop?.Dispose();
        _commands.Dispose();
    }

    private async Task LiveAsync(CancellationToken stopping)
    {
        var failedStarts = 0;
        var backoff = FirstBackoff;
        try
        {
            await WaitForDependenciesAsync(stopping);
            while (true)
            {
                Publish(s => s with { State = KnownResourceStates.Starting });
                var plan = await recipe.PrepareAsync(replica, stopping);
                Held.ForEach(p => p.Dispose());
                Held.Clear();
                var started = DateTime.UtcNow;
                var child = _child = await launcher.StartAsync(plan, WriteAsync);
                Publish(s => s with
                {
                    State = KnownResourceStates.Running,
                    ExitCode = null,
                    StopTimeStamp = null,
                    StartTimeStamp = started,
                    Properties = With(s.Properties, "executable.pid", child.Id),
                    HealthReports = [.. recipe.Probes(replica).Select(p => new HealthReportSnapshot(p.Key, Status: null, Description: null, ExceptionText: null))],
                });

                bool becameHealthy;
                using (var watching = CancellationTokenSource.CreateLinkedTokenSource(stopping))
                {
                    var watch = WatchHealthAsync(watching.Token);
                    await Task.WhenAny(child.Exited, Task.Delay(Timeout.Infinite, stopping));
                    await watching.CancelAsync();
                    becameHealthy = await watch;
                }

                if (stopping.IsCancellationRequested)
                {
                    await EndAsync(child);
                    return;
                }

                var exitCode = await child.Exited;
                await recipe.OnStoppedAsync();
                if (exitCode == 0 || RunsToCompletion)
                {
                    Publish(s => s with
                    {
                        State = new ResourceStateSnapshot(exitCode == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited, exitCode == 0 ? KnownResourceStateStyles.Success : KnownResourceStateStyles.Error),
                        ExitCode = exitCode,
                        StopTimeStamp = DateTime.UtcNow,
                    });
                    return;
                }

                if (becameHealthy && DateTime.UtcNow - started > SteadyAfter)
                {
                    backoff = FirstBackoff;
                }

                failedStarts = becameHealthy ? 0 : failedStarts + 1;
                if (failedStarts >= StartsBeforeGivingUp)
                {
                    GiveUp($"it ended with exit code {exitCode} before it was healthy, {failedStarts} times in a row", exitCode);
                    return;
                }

                Log.Restarting(logger, id, exitCode, backoff);
                Publish(s => s with { State = new ResourceStateSnapshot(LocalStates.Restarting, KnownResourceStateStyles.Warn), ExitCode = exitCode, StopTimeStamp = DateTime.UtcNow });
                await Task.Delay(backoff, stopping);
                backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            if (_child is { } child)
            {
                await EndAsync(child);
            }
            else
            {
                Publish(s => s with { State = KnownResourceStates.Exited });
            }
        }
        catch (Exception e)
        {
            if (_child is { } child)
            {
                await child.StopAsync();
                await recipe.OnStoppedAsync();
            }

            GiveUp(e is DistributedApplicationException ? e.Message : e.ToString(), exitCode: null);
        }
        finally
        {
            Held.ForEach(p => p.Dispose());
            Held.Clear();
            _child = null;
        }
    }

    private async Task EndAsync(ChildProcess child)
    {
        Publish(s => s with { State = KnownResourceStates.Stopping });
        await child.StopAsync();
        await recipe.OnStoppedAsync();
        var exitCode = await child.Exited;
        Publish(s => s with { State = KnownResourceStates.Exited, ExitCode = exitCode, StopTimeStamp = DateTime.UtcNow });
    }

    private void GiveUp(string reason, int? exitCode)
    {
        Log.FailedToStart(logger, id, reason);
        Publish(s => s with
        {
            State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
            ExitCode = exitCode,
            StopTimeStamp = DateTime.UtcNow,
            HealthReports = [new HealthReportSnapshot("start", HealthStatus.Unhealthy, reason, ExceptionText: null)],
        });
    }

    private async Task WaitForDependenciesAsync(CancellationToken stopping)
    {
        var waits = recipe.Resource.Annotations.OfType<Wait>().ToList();
        if (waits.Count == 0)
        {
            return;
        }

        Publish(s => s with { State = KnownResourceStates.Waiting });
        await Task.WhenAll(waits.Select(wait => WaitForAsync(wait, stopping)));
    }

    private Task<ResourceEvent> WaitForAsync(Wait wait, CancellationToken stopping) => notifications.WaitForResourceAsync(
        wait.Dependency.Name,
        change =>
        {
            var all = notifications.All(wait.Dependency.Name);
            if (wait.Kind == WaitKind.Completed)
            {
                if (!all.All(e => LocalStates.IsTerminal(e.Snapshot) || e.Snapshot.State?.Text == LocalStates.Skipped))
                {
                    return false;
                }

                return all.All(e => e.Snapshot.State?.Text == LocalStates.Skipped || (e.Snapshot.ExitCode == wait.ExitCode && e.Snapshot.State?.Text != KnownResourceStates.FailedToStart))
                    ? true
                    : throw new DistributedApplicationException($"'{id}' waits for '{wait.Dependency.Name}' to complete with exit code {wait.ExitCode}. {notifications.Describe(wait.Dependency.Name)}");
            }

            if (LocalStates.IsTerminal(change.Snapshot))
            {
                throw new DistributedApplicationException($"'{id}' waits for '{wait.Dependency.Name}', which is not running. {notifications.Describe(wait.Dependency.Name)}");
            }

            return all.All(e => wait.Kind == WaitKind.Started ? LocalStates.IsStarted(e.Snapshot) : LocalStates.IsReady(e.Snapshot));
        },
        stopping);

    // Returns whether the process was ever healthy.
    private async Task<bool> WatchHealthAsync(CancellationToken watching)
    {
        var probes = recipe.Probes(replica);
        var wasHealthy = false;
        try
        {
            if (probes.Count == 0)
            {
                await recipe.OnHealthyAsync(watching);
                PublishChildren(KnownResourceStates.Running, HealthStatus.Healthy);
                await Task.Delay(Timeout.Infinite, watching);
            }

            while (true)
            {
                var reports = await Task.WhenAll(probes.Select(p => CheckAsync(p, watching)));
                var healthy = Array.TrueForAll(reports, r => r.Status == HealthStatus.Healthy);
                if (healthy && !wasHealthy)
                {
                    await recipe.OnHealthyAsync(watching);
                    wasHealthy = true;
                }

                PublishHealth([.. reports], healthy);
                await Task.Delay(healthy ? WhileHealthy : wasHealthy ? WhileUnhealthy : WhileStarting, watching);
            }
        }
        catch (OperationCanceledException) when (watching.IsCancellationRequested)
        {
            return wasHealthy || probes.Count == 0;
        }
    }

    private static async Task<HealthReportSnapshot> CheckAsync(Probe probe, CancellationToken watching)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(watching);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            await probe.CheckAsync(timeout.Token);
            return new(probe.Key, HealthStatus.Healthy, Description: null, ExceptionText: null);
        }
        catch (Exception e) when (!watching.IsCancellationRequested)
        {
            return new(probe.Key, HealthStatus.Unhealthy, e is OperationCanceledException ? $"No answer within {ProbeTimeout.TotalSeconds} seconds." : e.Message, ExceptionText: null);
        }
    }

    private void PublishHealth(ImmutableArray<HealthReportSnapshot> reports, bool healthy)
    {
        if (notifications.TryGetCurrentState(id, out var current) && current.Snapshot.HealthReports.SequenceEqual(reports))
        {
            return;
        }

        // The children first: whoever waits for the server may look at its databases next.
        PublishChildren(KnownResourceStates.Running, healthy ? HealthStatus.Healthy : HealthStatus.Unhealthy);
        notifications.Publish(recipe.Resource, id, s => s with { HealthReports = reports });
    }

    private void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        notifications.Publish(recipe.Resource, id, change);
        if (Children.Count > 0 && notifications.TryGetCurrentState(id, out var own) && own.Snapshot.State?.Text != KnownResourceStates.Running)
        {
            foreach (var child in Children)
            {
                notifications.Publish(child, child.Name, s => s with { State = own.Snapshot.State, HealthReports = own.Snapshot.HealthReports });
            }
        }

        if (settings.Testing && notifications.TryGetCurrentState(id, out var now))
        {
            Log.State(logger, id, now.Snapshot.State?.Text ?? "unknown");
        }
    }

    private void PublishChildren(string state, HealthStatus health)
    {
        foreach (var child in Children)
        {
            notifications.Publish(child, child.Name, s => s with { State = state, HealthReports = [new HealthReportSnapshot($"{child.Name}_check", health, Description: null, ExceptionText: null)] });
        }
    }

    private ValueTask WriteAsync(string line) => output.WriteAsync(recipe.Resource.Name, label, line);

    private static ImmutableArray<ResourcePropertySnapshot> With(ImmutableArray<ResourcePropertySnapshot> properties, string name, object value) =>
        [.. properties.Where(p => p.Name != name), new ResourcePropertySnapshot(name, value)];
}
