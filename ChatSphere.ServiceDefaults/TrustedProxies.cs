using System.Net;
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
    /// (CIDR, or single addresses). The header is read from its end, hop by hop, for as long as the hop is a trusted one; the first that is not is the caller, and what
    /// stands before it was written by strangers and ignored. Takes effect by <c>UseForwardedHeaders</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A network is not in CIDR form, or is the whole internet.</exception>
    public static TBuilder AddTrustedProxies<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        var networks = (builder.Configuration.GetSection(ConfigurationKey).Get<string[]>() ?? []).Select(Parse).ToList();
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;

            // As many hops as are trusted. With the default of one, the inner of two proxies would pass for the caller.
            forwarded.ForwardLimit = null;
            networks.ForEach(forwarded.KnownIPNetworks.Add);
        });
        return builder;
    }

    private static System.Net.IPNetwork Parse(string text)
    {
        if (!System.Net.IPNetwork.TryParse(text, out var network)
            && !(IPAddress.TryParse(text, out var single) && System.Net.IPNetwork.TryParse($"{single}/{single.GetAddressBytes().Length * 8}", out network)))
        {
            throw new InvalidOperationException($"{ConfigurationKey}: '{text}' is no network such as 10.0.0.0/8, nor an address.");
        }

        return network.PrefixLength > 0 ? network : throw new InvalidOperationException($"{ConfigurationKey}: '{text}' is everybody, and everybody could say to be anybody. Name the proxies.");
    }
}
