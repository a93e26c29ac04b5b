using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;

namespace ChatSphere.LocalHosting.Servers;

/// <summary>Whether a process answers: throws with the reason when it does not.</summary>
internal sealed record Probe(string Key, Func<CancellationToken, Task> CheckAsync);

/// <summary>How one resource runs as processes on this machine.</summary>
internal abstract class Recipe(IResource resource)
{
    public IResource Resource => resource;

    /// <summary>Servers stop after the programs that use them.</summary>
    public virtual bool IsServer => true;

    public abstract Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken);

    public virtual IReadOnlyList<Probe> Probes(int replica) => [];

    /// <summary>Runs each time the process has become healthy, before anything that waits for it continues.</summary>
    public virtual Task OnHealthyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the process is gone, before it may start again.</summary>
    public virtual Task OnStoppedAsync() => Task.CompletedTask;

    protected DeclaredEndpoint Endpoint(string name) =>
        DeclaredEndpoint.Find(resource, name) ?? throw new InvalidOperationException($"'{resource.Name}' has no endpoint '{name}'.");
}
