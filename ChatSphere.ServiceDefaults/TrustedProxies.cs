using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

public static class TrustedProxies
{
    public const string ConfigurationKey = "Proxies:Networks";

    /// <summary>
    /// Who stands in front may say whose request it is and whether it came over https: peers on this machine, and the networks named in <c>Proxies:Networks</c>
    /// (CIDR). Whatever anybody else claims is ignored. Takes effect by <c>UseForwardedHeaders</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A network is not in CIDR form.</exception>
    public static TBuilder AddTrustedProxies<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        var networks = (builder.Configuration.GetSection(ConfigurationKey).Get<string[]>() ?? []).Select(text => System.Net.IPNetwork.TryParse(text, out var network)
            ? network
            : throw new InvalidOperationException($"{ConfigurationKey}: '{text}' is no network such as 10.0.0.0/8.")).ToList();
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            networks.ForEach(forwarded.KnownIPNetworks.Add);
        });
        return builder;
    }
}
