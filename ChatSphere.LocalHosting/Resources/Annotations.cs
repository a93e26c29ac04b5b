using Aspire.Hosting.ApplicationModel;

namespace ChatSphere.LocalHosting.Resources;

/// <summary>An endpoint as the model declares it, and its ports once the application starts.</summary>
internal sealed class DeclaredEndpoint : IResourceAnnotation
{
    public required string Name { get; init; }
    public required string Scheme { get; init; }
    public int? Port { get; init; }
    public int? TargetPort { get; init; }
    public string? EnvironmentVariable { get; init; }
    public bool IsProxied { get; init; }
    public bool IsExternal { get; set; }

    /// <summary>As Aspire has it. Clients that try ::1 first are refused there at once.</summary>
    public string Host { get; } = "localhost";

    /// <summary>The port others use: the proxy's where there are replicas, the process's own otherwise.</summary>
    public int? AllocatedPort { get; set; }

    /// <summary>Where each replica listens.</summary>
    public int[] ReplicaPorts { get; set; } = [];

    public static DeclaredEndpoint? Find(IResource resource, string name) =>
        resource.Annotations.OfType<DeclaredEndpoint>().FirstOrDefault(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
}

internal sealed record EnvironmentCallback(Func<EnvironmentCallbackContext, Task> Callback) : IResourceAnnotation
{
    public static EnvironmentCallback Value(string name, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new(context =>
        {
            context.EnvironmentVariables[name] = value;
            return Task.CompletedTask;
        });
    }
}

internal sealed record ArgumentsCallback(Func<CommandLineArgsCallbackContext, Task> Callback) : IResourceAnnotation;

internal sealed record HttpHealthCheck(string? EndpointName, string Path, int StatusCode) : IResourceAnnotation
{
    /// <summary>The key Aspire gives the same check.</summary>
    public string Key(string resourceName, string endpointName) => $"{resourceName}_{endpointName}_{Path}_{StatusCode}_check";
}

internal sealed record EndpointUrl(string EndpointName, Func<EndpointReference, ResourceUrlAnnotation> Create) : IResourceAnnotation;

internal enum WaitKind
{
    Healthy,
    Started,
    Completed,
}

internal sealed record Wait(IResource Dependency, WaitKind Kind, int ExitCode) : IResourceAnnotation;

internal sealed record Replicas(int Count) : IResourceAnnotation;

internal sealed record ExplicitStart : IResourceAnnotation;

/// <summary>Data of this resource outlives the run.</summary>
internal sealed record DataVolume(string? Name) : IResourceAnnotation;

internal sealed record RedisPersistence(TimeSpan Interval, long KeysChanged) : IResourceAnnotation;
