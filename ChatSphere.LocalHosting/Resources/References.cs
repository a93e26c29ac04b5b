using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace ChatSphere.LocalHosting.Resources;

/// <summary>What WithReference puts into the environment, name by name as Aspire does.</summary>
internal static class References
{
    public static EnvironmentCallback ToConnectionString(IResourceWithConnectionString source, string connectionName, bool optional) => new(async context =>
    {
        string? value;
        try
        {
            value = await source.GetConnectionStringAsync(context.CancellationToken);
        }
        catch (DistributedApplicationException) when (optional)
        {
            return;
        }

        if (string.IsNullOrEmpty(value))
        {
            if (optional)
            {
                return;
            }

            throw new DistributedApplicationException($"'{context.Resource.Name}' references '{source.Name}', which has no connection string.");
        }

        context.EnvironmentVariables[source.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}"] = value;
        AddProperties(context, source, connectionName);
    });

    public static EnvironmentCallback ToEndpoints(IResourceWithEndpoints source, string name, string? only) => new(context =>
    {
        foreach (var endpoint in source.Annotations.OfType<DeclaredEndpoint>().Where(e => only is null || e.Name == only))
        {
            var url = new EndpointReference(source, endpoint.Name).Url;
            var kind = endpoint.Name is "http" or "https" ? endpoint.Scheme : endpoint.Name;
            var index = 0;
            while (!context.EnvironmentVariables.TryAdd($"services__{name}__{kind}__{index}", url))
            {
                index++;
            }

            context.EnvironmentVariables[$"{VariableName(name)}_{VariableName(endpoint.Name)}"] = url;
        }

        return Task.CompletedTask;
    });

    /// <summary>
    /// A Qdrant that runs here is injected as Aspire injects it; one that runs elsewhere by the strings configured for it; none at all by nothing, so
    /// that services fall back to the vectors in Postgres.
    /// </summary>
    public static EnvironmentCallback ToQdrant(QdrantServerResource source, string connectionName, IConfiguration configuration) => new(async context =>
    {
        if (Servers.QdrantServer.ConfiguredElsewhere(source, configuration) is { } http)
        {
            context.EnvironmentVariables[$"ConnectionStrings__{connectionName}_http"] = http;
            if (configuration.GetConnectionString(source.Name) is { Length: > 0 } grpc)
            {
                context.EnvironmentVariables[$"ConnectionStrings__{connectionName}"] = grpc;
            }
        }
        else if (Servers.QdrantServer.Executable is not null)
        {
            context.EnvironmentVariables[$"ConnectionStrings__{connectionName}"] = (await source.ConnectionStringExpression.GetValueAsync(context.CancellationToken))!;
            context.EnvironmentVariables[$"ConnectionStrings__{connectionName}_http"] = (await source.HttpConnectionStringExpression.GetValueAsync(context.CancellationToken))!;
            AddProperties(context, source, connectionName);
        }
    });

    private static void AddProperties(EnvironmentCallbackContext context, IResourceWithConnectionString source, string connectionName)
    {
        foreach (var (key, value) in source.GetConnectionProperties())
        {
            context.EnvironmentVariables[$"{VariableName(connectionName)}_{VariableName(key)}"] = value;
        }
    }

    /// <summary>Upper case, anything but letters and digits becomes an underscore, and one goes before a leading digit.</summary>
    internal static string VariableName(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
        {
            text.Append('_');
        }

        foreach (var c in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_');
        }

        return text.ToString();
    }
}

/// <summary>A value as it stands inside a URI.</summary>
internal sealed class Escaped : IExpressionValue
{
    private readonly IExpressionValue _inner;

    private Escaped(IExpressionValue inner) => _inner = inner;

    public string ValueExpression => _inner.ValueExpression;

    public static Escaped Value(IExpressionValue inner) => new(inner);

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await _inner.GetValueAsync(cancellationToken) is { } value ? Uri.EscapeDataString(value) : null;
}

/// <summary>A connection string that the AppHost's own configuration provides.</summary>
internal sealed class ConfiguredConnectionString(string name, string? environmentVariable, Func<string> value) : Resource(name), IResourceWithConnectionString
{
    public string? ConnectionStringEnvironmentVariable => environmentVariable;
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{value()}");
}
