using System.Reflection;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ChatSphere.LocalHosting.Resources;

/// <summary>A project that was built with the AppHost, and where its program is.</summary>
internal sealed record BuiltProject(string ProjectPath, Assembly? DescribedBy, LaunchProfile? Profile) : IResourceAnnotation
{
    private const string MetadataPrefix = "localhosting:program:";

    public string Program()
    {
        var described = DescribedBy?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(a => a.Key.StartsWith(MetadataPrefix, StringComparison.Ordinal)
                && Path.GetFullPath(a.Key[MetadataPrefix.Length..]) == Path.GetFullPath(ProjectPath))?.Value;
        var program = described ?? Guess();
        return File.Exists(program)
            ? program
            : throw new DistributedApplicationException($"The program of {ProjectPath} is not at {program}. Build the AppHost first: dotnet build.");
    }

    // A project added by its path alone was not seen by the AppHost's build: assume the same configuration and the usual place.
    private string Guess()
    {
        var configuration = DescribedBy?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        return Path.Combine(Path.GetDirectoryName(ProjectPath)!, "bin", configuration, "net10.0", Path.GetFileNameWithoutExtension(ProjectPath) + ".dll");
    }
}

internal sealed record LaunchProfile(string Name, IReadOnlyDictionary<string, string> Environment, IReadOnlyList<Uri> Urls)
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The named profile of the project beside it, else the first one that runs the project.</summary>
    public static LaunchProfile? Read(string projectPath, string? name)
    {
        var file = Path.Combine(Directory.Exists(projectPath) ? projectPath : Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return null;
        }

        using var settings = JsonDocument.Parse(File.ReadAllText(file), Lenient);
        if (!settings.RootElement.TryGetProperty("profiles", out var profiles))
        {
            return null;
        }

        foreach (var profile in profiles.EnumerateObject())
        {
            if (name is null ? !profile.Value.TryGetProperty("commandName", out var command) || command.GetString() != "Project" : profile.Name != name)
            {
                continue;
            }

            var environment = profile.Value.TryGetProperty("environmentVariables", out var variables)
                ? variables.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "")
                : [];
            var urls = profile.Value.TryGetProperty("applicationUrl", out var addresses)
                ? (addresses.GetString() ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(a => new Uri(a)).Where(u => u.Scheme == "http").Take(1).ToArray()
                : [];
            return new(profile.Name, environment, urls);
        }

        return name is null ? null : throw new DistributedApplicationException($"{file} has no profile named '{name}'.");
    }
}
