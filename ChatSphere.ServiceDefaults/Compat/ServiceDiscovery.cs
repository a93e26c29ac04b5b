using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Stands for Microsoft.Extensions.ServiceDiscovery (docs/adr/0002): the configuration provider with round robin, without DNS and SRV.</summary>
public static class ServiceDiscoveryExtensions
{
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services)
    {
        services.TryAddSingleton<ServiceAddresses>();
        return services;
    }

    /// <summary>
    /// Lets the client use <c>http://api</c>, <c>https+http://api</c> (the first scheme that has an address) and <c>http://_endpoint.api</c>,
    /// looked up in <c>services:&lt;name&gt;:&lt;endpoint&gt;:&lt;n&gt;</c>. Names that are not configured, addresses with a port and IP addresses pass through.
    /// </summary>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        return builder.AddHttpMessageHandler(provider => new ServiceDiscoveryHandler(provider.GetRequiredService<ServiceAddresses>()));
    }
}

internal sealed class ServiceDiscoveryHandler(ServiceAddresses addresses) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri;
        if (asked is not { IsAbsoluteUri: true })
        {
            return await base.SendAsync(request, cancellationToken);
        }

        try
        {
            request.RequestUri = addresses.Resolve(asked);
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            // A retry above must resolve the name again, and the caller must see what it asked for.
            request.RequestUri = asked;
        }
    }
}

/// <summary>Addresses by service name, read from configuration once and again whenever it reloads.</summary>
internal sealed class ServiceAddresses : IDisposable
{
    private readonly IConfiguration configuration;
    private readonly ConcurrentDictionary<string, Rotation> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly IDisposable reload;

    public ServiceAddresses(IConfiguration configuration)
    {
        this.configuration = configuration;
        reload = ChangeToken.OnChange(configuration.GetReloadToken, known.Clear);
    }

    public Uri Resolve(Uri asked)
    {
        if (asked.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || (asked.Port != -1 && !asked.IsDefaultPort))
        {
            return asked;
        }

        var key = asked.GetLeftPart(UriPartial.Authority);
        if (!known.TryGetValue(key, out var rotation))
        {
            rotation = Read(asked);
            if (rotation is null)
            {
                // Not remembered: a client that fetches arbitrary hosts must not fill memory with names that are no services.
                return asked.Scheme.Contains('+', StringComparison.Ordinal) ? WithFirstScheme(asked) : asked;
            }

            rotation = known.GetOrAdd(key, rotation);
        }

        var address = rotation.Next();
        return new UriBuilder(asked) { Scheme = address.Scheme, Host = address.Host, Port = address.Port }.Uri;
    }

    public void Dispose() => reload.Dispose();

    private Rotation? Read(Uri asked)
    {
        var schemes = asked.Scheme.Split('+');
        var (name, endpoint) = Split(asked.Host);
        var service = configuration.GetSection("services").GetSection(name);

        // As the package does it: an endpoint that is not named is "default", else the one called like the first scheme that has addresses.
        string[] candidates = endpoint is null ? ["default", .. schemes] : [endpoint];
        foreach (var candidate in candidates)
        {
            Uri[] addresses = [.. Values(service.GetSection(candidate)).Select(value => Parse(value, schemes)).OfType<Uri>()];
            if (addresses.Length > 0)
            {
                return new Rotation(addresses);
            }
        }

        return null;

        static (string Name, string? Endpoint) Split(string host) =>
            host.StartsWith('_') && host.IndexOf('.', StringComparison.Ordinal) is > 1 and var dot ? (host[(dot + 1)..], host[1..dot]) : (host, null);

        static IEnumerable<string> Values(IConfigurationSection section) =>
            section.Value is { Length: > 0 } single ? [single] : section.GetChildren().Select(child => child.Value).OfType<string>();

        // An address without a scheme ("10.0.0.5:8080") takes the one asked for; one with a scheme the caller did not allow is left out.
        static Uri? Parse(string value, string[] schemes) =>
            Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : $"{schemes[0]}://{value}", UriKind.Absolute, out var uri)
            && schemes.Contains(uri.Scheme, StringComparer.OrdinalIgnoreCase) ? uri : null;
    }

    private static Uri WithFirstScheme(Uri asked)
    {
        var rest = asked.OriginalString[(asked.OriginalString.IndexOf("://", StringComparison.Ordinal) + 3)..];
        return new Uri($"{asked.Scheme[..asked.Scheme.IndexOf('+', StringComparison.Ordinal)]}://{rest}");
    }

    private sealed class Rotation(Uri[] addresses)
    {
        private uint turn = uint.MaxValue;

        public Uri Next() => addresses[Interlocked.Increment(ref turn) % (uint)addresses.Length];
    }
}
