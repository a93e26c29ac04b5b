using Microsoft.Extensions.Configuration;

namespace ChatSphere.LocalHosting.Running;

/// <summary>What can be configured about running locally; keys are in docs/hosting.md.</summary>
internal sealed record LocalSettings
{
    public required bool Testing { get; init; }
    public required string EnvironmentName { get; init; }

    /// <summary>Data lives as long as the run, whatever the model says about volumes.</summary>
    public required bool TemporaryData { get; init; }

    public string? DataFolder { get; init; }

    /// <summary>Programs that services call, beside the servers the model needs.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Whether missing packages may be installed without asking.</summary>
    public bool Install { get; init; } = true;

    public string? OtlpEndpoint { get; init; }
    public string OtlpProtocol { get; init; } = "grpc";
    public string? OtlpHeaders { get; init; }

    public static LocalSettings Read(IConfiguration configuration, string environmentName, bool testing)
    {
        var grpc = configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] ?? configuration["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"];
        var http = configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"];
        return new()
        {
            Testing = testing,
            EnvironmentName = environmentName,
            TemporaryData = testing || configuration["Volumes"] == "temporary",
            DataFolder = configuration["LocalHosting:DataFolder"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            Tools = (configuration["LocalHosting:Tools"] ?? "").Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries),
            Install = configuration.GetValue("LocalHosting:Install", true),
            OtlpEndpoint = configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? grpc ?? http,
            OtlpProtocol = configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? (grpc is null && http is not null ? "http/protobuf" : "grpc"),
            OtlpHeaders = configuration["OTEL_EXPORTER_OTLP_HEADERS"],
        };
    }
}
