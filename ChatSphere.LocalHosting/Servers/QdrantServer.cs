using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Running;
using Microsoft.Extensions.Configuration;

namespace ChatSphere.LocalHosting.Servers;

/// <summary>Qdrant is in no distribution, so it runs only where someone has put it on PATH.</summary>
internal sealed class QdrantServer(QdrantServerResource qdrant, RunFolders folders, LocalSettings settings) : Recipe(qdrant)
{
    private readonly bool _keep = qdrant.Annotations.OfType<DataVolume>().Any() && !settings.TemporaryData;
    private static readonly HttpClient Http = new();

    public static string? Executable { get; } = Executables.Find("qdrant");

    public static string? ConfiguredElsewhere(QdrantServerResource qdrant, IConfiguration configuration) =>
        configuration.GetConnectionString($"{qdrant.Name}_http") is { Length: > 0 } connection ? connection : null;

    public override async Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken)
    {
        var folder = folders.DataOf(qdrant.Name, _keep);
        RunFolders.CreatePrivate(folder);
        return new LaunchPlan(Executable ?? throw new DistributedApplicationException("There is no qdrant on PATH."), [], folder)
        {
            CleanEnvironment = true,
            Environment = new Dictionary<string, string>
            {
                ["QDRANT__SERVICE__HOST"] = "127.0.0.1",
                ["QDRANT__SERVICE__HTTP_PORT"] = $"{Endpoint("http").ReplicaPorts[0]}",
                ["QDRANT__SERVICE__GRPC_PORT"] = $"{Endpoint("grpc").ReplicaPorts[0]}",
                ["QDRANT__SERVICE__API_KEY"] = (await qdrant.ApiKeyParameter.GetValueAsync(cancellationToken))!,
                ["QDRANT__STORAGE__STORAGE_PATH"] = Path.Combine(folder, "storage"),
                ["QDRANT__STORAGE__SNAPSHOTS_PATH"] = Path.Combine(folder, "snapshots"),
                ["QDRANT__TELEMETRY_DISABLED"] = "true",
            },
        };
    }

    public override IReadOnlyList<Probe> Probes(int replica) =>
    [
        new($"{qdrant.Name}_check", async cancellationToken =>
        {
            using var answer = await Http.GetAsync(new Uri($"http://127.0.0.1:{Endpoint("http").ReplicaPorts[0]}/readyz"), cancellationToken);
            answer.EnsureSuccessStatusCode();
        }),
    ];
}
