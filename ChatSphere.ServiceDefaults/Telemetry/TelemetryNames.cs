namespace ChatSphere.ServiceDefaults.Telemetry;

/// <summary>The activity sources and meters a ChatSphere process listens to. A trailing <c>*</c> stands for any rest, as in OpenTelemetry's own AddSource and AddMeter.</summary>
internal static class TelemetryNames
{
    public static IReadOnlyList<string> Sources { get; } = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "RabbitMQ.Client.*", "ChatSphere.*"];

    public static IReadOnlyList<string> Meters { get; } =
        ["Microsoft.AspNetCore.*", "System.Net.Http", "System.Runtime", "Npgsql", "RabbitMQ.Client.*", "ChatSphere.*"];

    public static bool IsOurMeter(string name) => Meters.Any(pattern => pattern.EndsWith('*')
        ? name.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.OrdinalIgnoreCase)
        : name.Equals(pattern, StringComparison.OrdinalIgnoreCase));
}
