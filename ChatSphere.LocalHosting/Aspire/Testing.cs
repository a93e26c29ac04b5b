using System.Reflection;
using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Resources;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default) where TEntryPoint : class =>
        CreateAsync<TEntryPoint>([], cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default) where TEntryPoint : class =>
        CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    /// <summary>Runs the AppHost's entry point in this process up to its Build(), and hands its builder over before it builds.</summary>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, string[] args, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(args);
        var interception = EntryPointInterception.Run(entryPoint.Assembly, args);
        return new TestingBuilder(await interception.Builder.WaitAsync(cancellationToken), interception);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IDistributedApplicationTestingBuilder Create(params string[] args) =>
        new TestingBuilder(
            new LocalBuilder(new DistributedApplicationOptions { Args = args, ProjectDirectory = AppContext.BaseDirectory }, Assembly.GetCallingAssembly(), testing: true, interception: null),
            interception: null);
}

public static class DistributedApplicationHostingTestingExtensions
{
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = null) =>
        new() { BaseAddress = app.GetEndpoint(resourceName, endpointName) };

    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = null)
    {
        var resource = Find(app, resourceName);
        var endpoints = resource.Annotations.OfType<DeclaredEndpoint>().ToList();
        var endpoint = endpointName is not null
            ? endpoints.Find(e => string.Equals(e.Name, endpointName, StringComparison.OrdinalIgnoreCase))
            : endpoints.Find(e => e.Scheme == "https") ?? endpoints.Find(e => e.Scheme == "http") ?? endpoints.FirstOrDefault();
        if (endpoint is null)
        {
            throw new ArgumentException($"The resource '{resourceName}' has no endpoint{(endpointName is null ? "" : $" named '{endpointName}'")}.", nameof(endpointName));
        }

        return new Uri(new EndpointReference((IResourceWithEndpoints)resource, endpoint.Name).Url);
    }

    public static ValueTask<string?> GetConnectionStringAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Find(app, resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"The resource '{resourceName}' has no connection string.", nameof(resourceName));

    private static IResource Find(DistributedApplication app, string name) =>
        app.Services.GetRequiredService<IResourceCollection>().TryGetByName(name, out var resource)
            ? resource
            : throw new ArgumentException($"There is no resource named '{name}'.", nameof(name));
}
