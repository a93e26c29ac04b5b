using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Running;

namespace ChatSphere.LocalHosting.Servers;

/// <summary>What projects and executables have in common: environment and arguments from the model, health over HTTP.</summary>
internal abstract class Program(IResource resource, LocalSettings settings, DistributedApplicationExecutionContext context) : Recipe(resource)
{
    // Ours, or the test host's, and wrong for what we start.
    private static readonly string[] NotInherited = ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_LAUNCH_PROFILE", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"];
    private static readonly string[] NotInheritedPrefixes = ["ConnectionStrings__", "Parameters__", "LocalHosting__", "services__", "MSBUILD", "VSTEST_", "TESTINGPLATFORM_"];

    // Kept open over all probes and replicas; a probe must not wait for a connection of the pool.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), AllowAutoRedirect = false, UseProxy = false });

    public override bool IsServer => false;

    public override IReadOnlyList<Probe> Probes(int replica) =>
    [
        .. Resource.Annotations.OfType<HttpHealthCheck>().Select(check =>
        {
            var endpoint = check.EndpointName is { } name
                ? Endpoint(name)
                : Resource.Annotations.OfType<DeclaredEndpoint>().FirstOrDefault(e => e.Scheme == "http")
                    ?? throw new DistributedApplicationException($"'{Resource.Name}' has a health check over HTTP but no HTTP endpoint.");
            return new Probe(check.Key(Resource.Name, endpoint.Name), async cancellationToken =>
            {
                using var answer = await Http.GetAsync(new Uri($"http://127.0.0.1:{endpoint.ReplicaPorts[replica]}{check.Path}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if ((int)answer.StatusCode != check.StatusCode)
                {
                    throw new InvalidOperationException($"{check.Path} answers {(int)answer.StatusCode}.");
                }
            });
        }),
    ];

    protected async Task<Dictionary<string, string>> EnvironmentAsync(Dictionary<string, object> variables, int replica, CancellationToken cancellationToken)
    {
        foreach (var endpoint in Resource.Annotations.OfType<DeclaredEndpoint>().Where(e => e.EnvironmentVariable is not null))
        {
            variables[endpoint.EnvironmentVariable!] = endpoint.ReplicaPorts[replica].ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var callbackContext = new EnvironmentCallbackContext(context, Resource, variables, cancellationToken);
        foreach (var callback in Resource.Annotations.OfType<EnvironmentCallback>())
        {
            await callback.Callback(callbackContext);
        }

        var environment = new Dictionary<string, string>();
        foreach (var (name, value) in variables)
        {
            environment[name] = await TextAsync(value, cancellationToken);
        }

        foreach (string name in System.Environment.GetEnvironmentVariables().Keys)
        {
            if (NotInherited.Contains(name) || Array.Exists(NotInheritedPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                environment.TryAdd(name, LaunchPlan.Removed);
            }
        }

        return environment;
    }

    protected async Task<List<string>> ArgumentsAsync(CancellationToken cancellationToken)
    {
        var values = new List<object>();
        foreach (var callback in Resource.Annotations.OfType<ArgumentsCallback>())
        {
            await callback.Callback(new CommandLineArgsCallbackContext(values, Resource, cancellationToken));
        }

        var arguments = new List<string>();
        foreach (var value in values)
        {
            arguments.Add(await TextAsync(value, cancellationToken));
        }

        return arguments;
    }

    protected void AddTelemetry(Dictionary<string, object> variables, string instance)
    {
        variables["OTEL_SERVICE_NAME"] = Resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance}";
        if (settings.OtlpEndpoint is not { Length: > 0 } endpoint)
        {
            return;
        }

        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = settings.OtlpProtocol;
        if (settings.OtlpHeaders is { Length: > 0 } headers)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = headers;
        }

        if (settings.EnvironmentName == "Development")
        {
            // A person who develops wants to see a span now, not in five seconds.
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }
    }

    private static async ValueTask<string> TextAsync(object value, CancellationToken cancellationToken) => value switch
    {
        IValueProvider provider => await provider.GetValueAsync(cancellationToken) ?? "",
        IFormattable formattable => formattable.ToString(format: null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>The program of a built project, run by the same .NET as the AppHost. Not "dotnet run": that would build again, and be one more process to end.</summary>
internal sealed class ProjectProgram(ProjectResource project, LocalSettings settings, DistributedApplicationExecutionContext context, bool colour) : Program(project, settings, context)
{
    private readonly LocalSettings _settings = settings;

    private static readonly string DotNet = FindDotNet();

    public override async Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken)
    {
        var built = project.Annotations.OfType<BuiltProject>().Last();
        var program = built.Program();
        var variables = new Dictionary<string, object>
        {
            ["DOTNET_ENVIRONMENT"] = _settings.EnvironmentName,
            ["ASPNETCORE_ENVIRONMENT"] = _settings.EnvironmentName,
            ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
        };
        if (colour)
        {
            variables["DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION"] = "true";
        }

        AddTelemetry(variables, $"{project.Name}-{replica + 1}-{Guid.NewGuid().ToString("N")[..8]}");
        foreach (var (name, value) in built.Profile?.Environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        var urls = project.Annotations.OfType<DeclaredEndpoint>().Where(e => e.Scheme == "http" && e.EnvironmentVariable is null).Select(e => $"http://127.0.0.1:{e.ReplicaPorts[replica]}").ToList();
        if (urls.Count > 0)
        {
            // 127.0.0.1 and not localhost: with the latter Kestrel also listens on ::1, where the port may belong to someone else.
            variables["ASPNETCORE_URLS"] = string.Join(';', urls);
        }

        return new LaunchPlan(DotNet, ["exec", program, .. await ArgumentsAsync(cancellationToken)], Path.GetDirectoryName(built.ProjectPath)!)
        {
            Environment = await EnvironmentAsync(variables, replica, cancellationToken),
        };
    }

    private static string FindDotNet()
    {
        // .../dotnet/shared/Microsoft.NETCore.App/10.0.x/
        var root = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : Executables.Find("dotnet") ?? "dotnet";
    }
}

internal sealed class ExecutableProgram(ExecutableResource executable, LocalSettings settings, DistributedApplicationExecutionContext context) : Program(executable, settings, context)
{
    public override async Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken) =>
        new(executable.Command.Contains('/', StringComparison.Ordinal) ? executable.Command : Executables.Find(executable.Command) ?? executable.Command, await ArgumentsAsync(cancellationToken), executable.WorkingDirectory)
        {
            Environment = await EnvironmentAsync([], replica, cancellationToken),
        };
}
